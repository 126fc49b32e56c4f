"""Permissions that a new version asks for: the owner is told once, and what needs none goes on."""

from sqlalchemy import update

from app.accounts.clients import ask_hubspot
from app.accounts.scopes import missing_scopes
from app.models import Connection
from sandbox.hubspot import tokens
from tests.support.house import House
from tests.workers.test_locked_out import reinstall

OWNER = "bonjour@maison.example"
TAX = "tax_rates.read"


def granted_before(house: House, *without: str) -> None:
    """The portal installed a version that did not ask for these yet, half an hour ago."""
    world = house.sandbox.world
    for table in (tokens.access_tokens(world), tokens.refresh_tokens(world)):
        for token, grant in table.items():
            kept = [scope for scope in grant["scopes"] if scope not in without]
            table[token] = {**grant, "scopes": kept}
    tokens.expire(world, "148111")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(Connection).values(expires_at=None))


def use(house: House) -> None:
    ask_hubspot(house.runtime, house.tenant_id, lambda crm: crm.read_stages())


def test_all_is_granted_at_install(house: House) -> None:
    assert missing_scopes(house.connection("hubspot")) == []


def test_owner_hears_once_of_a_permission_we_miss(house: House) -> None:
    granted_before(house, TAX)
    use(house)
    granted_before(house, TAX)
    use(house)
    house.settle()

    connection = house.connection("hubspot")
    assert missing_scopes(connection) == [TAX]
    assert connection.status == "connected"
    assert [mail["subject"] for mail in house.mails(OWNER)] == [
        "Propale demande une permission de plus dans HubSpot"
    ]


def test_what_needs_no_new_permission_goes_on(house: House) -> None:
    granted_before(house, "crm.schemas.deals.read")
    house.again("hubspot.read_stages")

    house.send("5101")

    stages = house.message("hubspot.read_stages")
    assert (stages.status, stages.waits_for) == ("pending", "hubspot.blocked")
    assert house.deal("5101")["propale_status"] == "sent"
    assert "permission" in house.connection("hubspot").problem


def test_consent_lets_go_on_what_waited(house: House) -> None:
    granted_before(house, "crm.schemas.deals.read")
    house.again("hubspot.read_stages")

    reinstall(house)
    house.settle()

    connection = house.connection("hubspot")
    assert house.message("hubspot.read_stages").status == "done"
    assert (missing_scopes(connection), connection.problem) == ([], "")


def test_card_says_which_kind_of_access_is_missing(house: House) -> None:
    granted_before(house, "crm.objects.deals.read")

    answer = house.card("/deals/5101?lang=fr")

    assert answer.status_code == 503
    assert "Il nous manque une permission" in answer.get_json()["error"]["message"]
