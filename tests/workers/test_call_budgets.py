"""How many calls each step costs, counted where they arrive."""

import pytest

from sandbox.hubspot.seed import plant_deal
from tests.support.house import House

READS = ("GET /crm/objects", "POST /crm/objects/2026-09/", "POST /crm/associations")


def reads(house: House) -> list[str]:
    """What reads a deal and its neighbours."""
    return [call for call in house.calls("hubspot") if call.startswith(READS)]


def warm(house: House) -> None:
    """Owner and tax rates are cached for a day."""
    house.view("5102")
    house.forget_calls()


@pytest.mark.parametrize(("deal", "most"), [("5101", 4), ("5102", 4), ("5103", 5)])
def test_pre_flight_reads_no_more_than_its_budget(house: House, deal: str, most: int) -> None:
    warm(house)

    house.view(deal, again=True)

    assert len(house.calls("hubspot")) == len(reads(house)) == most


def test_many_lines_are_still_four_reads(house: House) -> None:
    warm(house)
    line = {"quantity": "1", "price": "10.00"}
    deal = plant_deal(
        house.sandbox.world,
        "148111",
        {
            "dealname": "Vingt lignes",
            "dealstage": "qualifiedtobuy",
            "currency": "EUR",
            "company": {"name": "Longue Liste"},
            "contacts": [{"firstname": "A", "lastname": "B", "email": "a@b.example"}],
            "lines": [{**line, "name": f"Ligne {n}"} for n in range(20)],
        },
    )

    view = house.view(deal)

    assert view["state"] == "ready"
    assert len(house.calls("hubspot")) == 4


def test_proposal_costs_two_pre_flights_and_one_write(house: House) -> None:
    warm(house)

    house.send("5101")

    writes = [call for call in house.calls("hubspot") if call.startswith("PATCH")]
    assert len(reads(house)) == 8
    assert len(writes) == 1
    assert len(house.calls("hubspot")) == 9


def test_each_change_shown_is_one_write(house: House) -> None:
    purchase = house.accepted("5101")
    house.enter(purchase)
    house.forget_calls()

    house.settle()

    assert house.calls("hubspot") == ["PATCH /crm/objects/2026-09/deals/5101"]


def money_calls(house: House, deal: str, *, waits: bool) -> list[str]:
    """Calls from the acceptance to the paid first invoice; what follows reads its lines only."""
    proposal = house.sent(deal)
    house.forget_calls()
    purchase = house.accept(proposal)
    house.enter(purchase)
    if waits:
        house.come_back(purchase)
    house.drain.run()
    if not waits:
        house.carry()
        house.drain.run()
        house.hurry()
        house.drain.run()
    assert house.purchase(purchase.id).status == "paid"
    return until_charged(house)


def until_charged(house: House) -> list[str]:
    calls = [call for call in house.calls("stripe") if "/v1/" in call]
    charging = next(call for call in calls if call.endswith(("/pay", "/subscriptions")))
    last = calls.index(charging) + 1
    assert all(call.endswith("/lines") for call in calls[last:])
    return calls[:last]


@pytest.mark.parametrize(
    ("deal", "waits"),
    [
        ("5101", True),
        ("5104", False),
        pytest.param("5101", False, marks=pytest.mark.long),
        pytest.param("5104", True, marks=pytest.mark.long),
    ],
)
def test_recurring_first_invoice_takes_six_calls(house: House, deal: str, *, waits: bool) -> None:
    assert len(money_calls(house, deal, waits=waits)) <= 6


@pytest.mark.parametrize(
    ("deal", "waits"),
    [
        ("5102", True),
        ("5105", False),
        pytest.param("5102", False, marks=pytest.mark.long),
        pytest.param("5105", True, marks=pytest.mark.long),
    ],
)
def test_one_off_first_invoice_takes_seven_calls(house: House, deal: str, *, waits: bool) -> None:
    assert len(money_calls(house, deal, waits=waits)) <= 7


def test_page_and_event_together_stay_in_budget(house: House) -> None:
    proposal = house.sent("5102")
    house.forget_calls()
    purchase = house.accept(proposal)
    house.enter(purchase)

    house.come_back(purchase)
    house.carry()
    house.drain.run()

    asked = [c for c in house.calls("stripe") if c.startswith("GET /v1/checkout/sessions")]
    assert len(until_charged(house)) <= 7
    assert len(asked) == 1


def test_slack_takes_one_call_a_message(house: House) -> None:
    house.buy("5101")

    assert house.calls("slack") == ["POST /api/chat.postMessage"] * 2


def test_read_without_answer_arrives_once(house: House) -> None:
    house.fail("hubspot", method="GET", path="/crm/objects/2026-09/deals/5101", cut="before")

    answer = house.card("/deals/5101?lang=fr")

    assert answer.status_code == 503
    assert house.calls("hubspot") == ["GET /crm/objects/2026-09/deals/5101"]


def test_card_posts_call_no_vendor(house: House) -> None:
    view = house.view("5101")
    house.forget_calls()

    offer = view["offers"][0]
    body = {"recipientContactId": "1101", "shown": offer["shown"]}
    request_id = "0a1b2c3d-0000-4000-8000-00000000abcd"
    answer = house.card("/deals/5101/proposals?lang=fr", {**body, "requestId": request_id})
    house.card("/sign-in?lang=fr", {})

    assert answer.status_code == 202
    assert house.sandbox.world.journal.entries() == []
