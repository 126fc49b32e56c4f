"""HubSpot disconnected by us: told once, tokens forgotten, pushes end, money goes on."""

import pytest
from sqlalchemy import select

from app import messages
from app.accounts.leaving import leave_hubspot
from app.audit import Who
from app.models import AuditEntry, Message
from app.reasons import Reason
from sandbox.hubspot import tokens
from tests.support.house import House
from tests.workers.test_locked_out import reinstall
from workers.handlers import hubspot_leave

UNINSTALL = "DELETE /appinstalls/2026-09/external-install"
REVOKE = "POST /oauth/2026-09/token/revoke"
OWNER = "bonjour@maison.example"
DANA = Who("dana@maison.example (7001)")


def ask_to_leave(house: House) -> None:
    leave_hubspot(house.runtime.database, house.tenant_id, DANA, "fr", sure=True)


def leave(house: House) -> None:
    ask_to_leave(house)
    house.settle()


def subjects(house: House) -> list[str]:
    return [mail["subject"] for mail in house.mails(OWNER)]


def test_portal_is_told_and_the_tokens_are_forgotten(house: House) -> None:
    leave(house)

    connection = house.connection("hubspot")
    assert (connection.status, connection.sealed) == ("disconnected", "")
    assert house.calls("hubspot").count(UNINSTALL) == 1
    assert house.calls("hubspot").count(REVOKE) == 1
    assert tokens.installed_portals(house.sandbox.world) == []


def test_leaving_is_written_down(house: House) -> None:
    leave(house)

    entry = house.read(
        lambda s: s.scalars(select(AuditEntry).where(AuditEntry.what == "hubspot.left")).one()
    )
    assert (entry.who, entry.before) == (DANA.name, {"portal": "148111"})


def test_owner_is_told_once(house: House) -> None:
    leave(house)
    house.again("hubspot.leave")

    assert subjects(house) == ["HubSpot est déconnecté de Propale"]
    assert DANA.name in house.mails(OWNER)[0]["text"]


def test_asked_twice_is_left_once(house: House) -> None:
    ask_to_leave(house)
    ask_to_leave(house)
    house.settle()

    assert house.calls("hubspot").count(UNINSTALL) == 1
    assert len(house.messages("hubspot.leave")) == 1


@pytest.mark.parametrize("fault", [{"status": 503}, {"cut": "before"}, {"cut": "after"}])
def test_hubspot_away_is_told_later(house: House, fault: dict[str, object]) -> None:
    house.fail("hubspot", method="DELETE", path="/appinstalls/*", **fault)
    leave(house)
    waiting = house.connection("hubspot").status

    house.retry()

    assert waiting == "leaving"
    assert house.connection("hubspot").status == "disconnected"
    assert tokens.installed_portals(house.sandbox.world) == []
    assert subjects(house) == ["HubSpot est déconnecté de Propale"]


def test_portal_that_removed_us_first_is_left_all_the_same(house: House) -> None:
    tokens.uninstall(house.sandbox.world, "148111")

    leave(house)

    assert house.connection("hubspot").status == "disconnected"
    assert subjects(house) == ["HubSpot est déconnecté de Propale"]


def test_refusal_for_good_forgets_the_tokens_and_says_so(house: House) -> None:
    house.fail("hubspot", method="DELETE", path="/appinstalls/*", status=400)

    leave(house)

    connection = house.connection("hubspot")
    assert (connection.status, connection.sealed) == ("disconnected", "")
    assert "HubSpot a refusé" in connection.problem


def test_money_goes_on_and_pushes_end_quietly(house: House) -> None:
    proposal = house.sent("5101")
    leave(house)

    purchase = house.accept(proposal)
    house.enter(purchase)
    house.settle()

    pushes = [m for m in house.messages("hubspot.sync_deal") if m.status != "done"]
    assert house.purchase(purchase.id).status == "paid"
    assert {m.status for m in pushes} == {"ignored"}
    assert house.deal("5101")["propale_status"] == "sent"
    assert house.open_errors() == []
    assert house.connection("hubspot").status == "disconnected"


def test_install_afterwards_carries_on_with_everything(house: House) -> None:
    proposal = house.sent("5101")
    leave(house)
    house.accept(proposal)

    reinstall(house)
    house.settle()
    house.retry()

    assert house.connection("hubspot").status == "connected"
    assert house.deal("5101")["propale_status"] == "accepted"
    assert house.open_errors() == []


def test_install_before_the_worker_came_is_not_undone(house: House) -> None:
    ask_to_leave(house)
    reinstall(house)
    house.settle()

    assert house.connection("hubspot").status == "connected"
    assert UNINSTALL not in house.calls("hubspot")
    assert house.message("hubspot.leave").status == "ignored"
    assert subjects(house) == []


@pytest.mark.parametrize("refused", [False, True])
def test_install_while_the_portal_is_told_is_kept(house: House, refused: bool) -> None:
    """Whether HubSpot took our leave or refused it for good: that was about the grant before."""
    ask_to_leave(house)
    (message,) = messages.claim(house.runtime.database, 1)
    left = hubspot_leave.work(house.runtime, message)
    reinstall(house)

    with house.runtime.database.writing(house.tenant_id) as session:
        if refused:
            hubspot_leave.when_dead(session, message, Reason("hubspot.not_found"))
        else:
            left(session)

    connection = house.connection("hubspot")
    assert (connection.status, connection.problem) == ("connected", "")
    assert house.messages("email.owner_left") == []


def test_other_tenants_stay_connected(house: House, other_house: House) -> None:
    leave(house)

    assert other_house.connection("hubspot").status == "connected"
    assert tokens.installed_portals(house.sandbox.world) == ["148222"]


def test_card_of_a_tenant_that_left_says_so(house: House) -> None:
    leave(house)

    assert house.view("5102")["state"] == "not_connected"


def test_night_leaves_a_tenant_without_hubspot_alone(house: House) -> None:
    house.sent("5101")
    leave(house)
    house.pass_time(hours=1)
    house.forget_calls()

    house.pass_time(days=1)

    kinds = house.read(lambda s: set(s.scalars(select(Message.kind))))
    assert house.calls("hubspot") == []
    assert "hubspot.reconcile" not in kinds
