"""What the card is told in every state, in both languages, held to the API's schema."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.preferences.sections import save_section
from app.audit import US
from app.clock import wall_now
from app.models import Connection, Deal, Preferences
from app.proposals.close import decline_proposal
from sandbox.hubspot import associations, records, tokens
from sandbox.hubspot.seed import add_line
from tests.support.house import PREFERENCES, House
from tests.values import plain
from tests.web.card_schema import check_view, validator

Arrange = Callable[[House], None]


def nothing(_house: House) -> None:
    """The deal as it is."""


def no_stripe(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.delete(session.get_one(Connection, house.connection("stripe").id))


def no_hubspot(house: House) -> None:
    tokens.uninstall(house.sandbox.world, "148111")


def no_lines(house: House) -> None:
    records.archive(house.sandbox.world, "148111", "line_items", "8101")


def taken(house: House) -> None:
    assert house.click("5101").status_code == 202


def sent(house: House) -> None:
    house.sent("5101")


def accepted(house: House) -> None:
    house.accepted("5101")


def paid(house: House) -> None:
    house.bought("5101")


def held(house: House) -> None:
    purchase = house.accepted("5101")
    customer = house.books().get("customer", purchase.stripe_customer_id)
    house.books().save({**customer, "balance": -500})
    house.enter(purchase)
    house.settle()


def failed(house: House) -> None:
    house.bought("5101", "card_declined")


def pending(house: House) -> None:
    house.bought("5101", "sepa_ok", "sepa_debit")


def action_needed(house: House) -> None:
    house.bought("5101", "card_3ds_at_charge")


def refused(house: House) -> None:
    house.click("5101")
    house.fail("stripe", path="/v1/invoices/create_preview", status=400)
    house.settle()


def declined(house: House) -> None:
    proposal = house.sent("5101")
    with house.runtime.database.writing(house.tenant_id) as session:
        row = session.get_one(type(proposal), proposal.id)
        decline_proposal(session, row, version=1, reason="Trop cher.", now=wall_now())
    house.settle()


def expired(house: House) -> None:
    house.sent("5101")
    house.pass_time(days=40)


def withdrawn(house: House) -> None:
    proposal = house.sent("5101")
    house.card("/deals/5101/withdraw?lang=fr", {"proposalId": proposal.public_id})


# How the deal came there, what the card shows: state, status, money.
STATES: list[tuple[Arrange, str, str, str | None]] = [
    (nothing, "ready", "not_created", None),
    (no_stripe, "not_connected", "not_created", None),
    (no_hubspot, "not_connected", "not_created", None),
    (no_lines, "not_ready", "not_created", None),
    (taken, "taken", "not_created", None),
    (sent, "sent", "sent", None),
    (accepted, "accepted", "accepted", "awaiting_method"),
    (paid, "accepted", "accepted", "paid"),
    (held, "accepted", "accepted", "failed"),
    (failed, "accepted", "accepted", "failed"),
    (pending, "accepted", "accepted", "pending"),
    (action_needed, "accepted", "accepted", "action_needed"),
    (refused, "problem", "not_created", None),
    (declined, "ready", "declined", None),
    (expired, "ready", "expired", None),
    (withdrawn, "ready", "withdrawn", None),
]


@pytest.mark.parametrize(
    ("arrange", "state", "status", "money"), STATES, ids=[row[0].__name__ for row in STATES]
)
def test_card_shows_the_state_in_both_languages(
    house: House, arrange: Arrange, state: str, status: str, money: str | None
) -> None:
    arrange(house)

    views = [house.view("5101", language) for language in ("fr", "en")]

    for view in views:
        check_view(view)
        assert (view["state"], view["status"]) == (state, status)
        assert (view["money"] or {}).get("status") == money


def test_button_says_to_whom_and_how_much(house: House) -> None:
    view, english = house.view("5101"), house.view("5101", "en")

    assert plain(view["offers"][0]["label"]) == (
        "Créer et envoyer à Jeanne Martin (jeanne@atelier-martin.example) : "
        "540,00 EUR aujourd’hui, puis 540,00 EUR par mois"
    )
    assert plain(view["amounts"]["dueNow"]) == "540,00 EUR"
    assert plain(view["amounts"]["recurring"]) == "540,00 EUR par mois"
    assert "540.00" in english["offers"][0]["label"]


def test_person_without_a_name_is_said_once(house: House) -> None:
    nobody = {"firstname": "", "lastname": ""}
    records.update(house.sandbox.world, "148111", "contacts", "1101", nobody, source="CRM_UI")

    label = house.view("5101")["offers"][0]["label"]

    assert plain(label).startswith("Créer et envoyer à jeanne@atelier-martin.example : 540")


def test_several_recipients_are_a_choice(house: House) -> None:
    offers = {**PREFERENCES["offers"], "billing_label": ""}
    save_section(house.runtime.database, house.tenant_id, "offers", offers, "fr", who=US)

    view = house.view("5103")

    check_view(view)
    assert view["state"] == "choose_recipient"
    assert [o["recipient"]["contactId"] for o in view["offers"]] == ["1103", "1104"]
    assert len({o["shown"] for o in view["offers"]}) == 2


def test_billing_label_chooses_the_recipient(house: House) -> None:
    view = house.view("5103")

    assert [o["recipient"]["contactId"] for o in view["offers"]] == ["1104"]


def test_not_ready_lists_every_problem_at_once(house: House) -> None:
    world = house.sandbox.world
    records.update(world, "148111", "contacts", "1101", {"email": "jeanne@"}, source="CRM_UI")
    weekly = {"name": "Ménage", "quantity": "1", "price": "20.00"}
    add_line(world, "148111", "5101", {**weekly, "recurringbillingfrequency": "weekly"})
    add_line(world, "148111", "5101", {"name": "Sans prix", "quantity": "1"})
    old_rate = {"name": "Ancien", "quantity": "1", "price": "5", "hs_tax_rate_group_id": "7196"}
    add_line(world, "148111", "5101", old_rate)
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Preferences, house.tenant_id).seller_name = ""

    view = house.view("5101")

    check_view(view)
    assert {problem["code"] for problem in view["problems"]} == {
        "email_malformed",
        "frequency_unsupported",
        "several_intervals",
        "price_missing",
        "tax_rate_unknown",
        "seller_missing",
    }
    assert all(problem["field"] and problem["remedy"] for problem in view["problems"])
    assert view["offers"] == []
    assert any("Ménage" in problem["message"] for problem in view["problems"])


def test_no_contact_is_a_problem_with_a_remedy(house: House) -> None:
    associations.disconnect(house.sandbox.world, "148111", ("deals", "5101"), ("contacts", "1101"))

    view = house.view("5101")

    assert [problem["code"] for problem in view["problems"]] == ["no_contact"]


def test_not_installed_portal_is_told_so(house: House) -> None:
    view = house.card("/deals/5101?lang=fr", portal=148222, user=7002).get_json()

    check_view(view)
    assert (view["state"], view["connectable"]) == ("not_connected", False)


def test_vendor_away_is_503_with_a_sentence(house: House) -> None:
    house.fail("hubspot", method="GET", path="/crm/objects/*", status=502)

    answer = house.card("/deals/5101?lang=fr")

    assert answer.status_code == 503
    assert "HubSpot ne répond pas" in answer.get_json()["error"]["message"]


def reads(house: House) -> int:
    return len([call for call in house.calls("hubspot") if call.startswith("GET /crm/objects")])


def test_young_snapshot_is_answered_without_hubspot(house: House) -> None:
    first = house.view("5101")
    house.forget_calls()

    again = house.view("5101")

    assert again == first
    assert house.sandbox.world.journal.entries() == []


def test_check_again_always_reads(house: House) -> None:
    house.view("5101")

    house.view("5101", again=True)

    assert reads(house) == 2


def test_snapshot_of_a_minute_ago_is_read_again(house: House) -> None:
    house.view("5101")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(Deal).one().snapshot_at = wall_now() - timedelta(seconds=61)

    house.view("5101")

    assert reads(house) == 2


def test_snapshot_with_problems_is_read_again(house: House) -> None:
    no_lines(house)
    house.view("5101")

    house.view("5101")

    assert reads(house) == 2


def test_sent_deal_is_shown_without_hubspot(house: House) -> None:
    house.sent("5101")
    house.forget_calls()

    house.view("5101", again=True)

    assert house.calls("hubspot") == []


def test_request_is_taken_in_two_hundred_ms(house: House) -> None:
    offer = house.view("5101")["offers"][0]
    house.forget_calls()
    body = {
        "requestId": str(uuid.uuid4()),
        "recipientContactId": offer["recipient"]["contactId"],
        "shown": offer["shown"],
    }
    validator("CreateRequest").validate(body)

    began = time.perf_counter()
    answer = house.card("/deals/5101/proposals?lang=fr", body)
    took = time.perf_counter() - began

    validator("CreateAnswer").validate(answer.get_json())
    assert answer.status_code == 202
    assert took < 0.2
    assert house.sandbox.world.journal.entries() == []


def test_withdrawn_proposal_gives_the_button_back(house: House) -> None:
    proposal = house.sent("5101")

    answer = house.card("/deals/5101/withdraw?lang=fr", {"proposalId": proposal.public_id})

    view: dict[str, Any] = answer.get_json()
    check_view(view)
    assert (view["state"], view["status"]) == ("ready", "withdrawn")
    assert house.send("5101").id != proposal.id


def test_withdraw_pressed_twice_is_one(house: House) -> None:
    proposal = house.sent("5101")
    path, body = "/deals/5101/withdraw?lang=fr", {"proposalId": proposal.public_id}

    answers = [house.card(path, body), house.card(path, body)]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_sign_in_link_has_its_shape(house: House) -> None:
    answer = house.card("/sign-in?lang=fr", {})

    validator("SignInAnswer").validate(answer.get_json())
    assert answer.get_json()["url"].startswith("http://propale.test/sign-in/")


def test_declined_reason_is_shown(house: House) -> None:
    declined(house)

    view = house.view("5101")

    assert view["proposal"]["declineReason"] == "Trop cher."
    assert view["proposal"]["declinedAt"]
