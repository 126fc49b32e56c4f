"""A message is due in the instant it was written: nobody has to wait for the next sweep."""

from app import messages
from tests.support.house import House


def test_message_is_claimed_in_its_own_instant(house: House) -> None:
    database = house.runtime.database

    for number in range(50):
        with database.writing(house.tenant_id) as session:
            messages.add(session, "slack.paid", f"instant:{number}", payload={})
        claimed = messages.claim(database, 1)
        assert [message.kind for message in claimed] == ["slack.paid"]
        with database.writing(house.tenant_id) as session:
            messages.finish(session, claimed[0])
