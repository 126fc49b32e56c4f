"""A house whose encryption keys are changed: everything it had sealed goes on to work."""

from __future__ import annotations

from dataclasses import replace

from app.rotation import reseal_all, sealed_columns, sealed_texts
from app.seal import Sealer
from tests.support.environ import CLOSED
from tests.support.house import ON_BOTH_AT_LENGTH, House, moved_to

OLD = CLOSED["ENCRYPTION_KEYS"]
NEW = "the-new-key-of-the-house-5678"


@ON_BOTH_AT_LENGTH
def test_house_goes_on_with_the_new_key_alone(house: House) -> None:
    house.bought("5101")
    waiting = house.send("5102")
    found = {text.column for text in sealed_texts(house.runtime.database)}

    done = reseal_all(house.runtime.database, Sealer(f"{NEW},{OLD}"))

    assert found == set(sealed_columns())
    assert done.unopened == []
    with moved_to(house, replace(house.runtime, sealer=Sealer(NEW))) as later:
        purchase = later.accept(waiting)
        later.enter(purchase, "card_ok")
        later.settle()
        assert later.purchase(purchase.id).status == "paid"
        assert later.open_errors() == []
        later.pass_time(days=32)
        assert later.open_errors() == []
