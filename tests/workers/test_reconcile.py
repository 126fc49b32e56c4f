"""`reconcile`: each difference is named, repaired where that is safe, and found no second time."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.audit import US, list_entries
from app.errors import AppError
from app.models import AuditEntry, Deal
from app.reconcile.differences import Difference, Kind
from app.reconcile.repaired import NAMED, note_repairs
from app.wording.journal import changes_of
from sandbox.hubspot import records
from tests.support.house import ON_BOTH_AT_LENGTH, House
from tests.support.lost import webhooks_lost
from tests.workers.reconciling import IN_STEP, rows, says, writes

if TYPE_CHECKING:
    from tests.workers.reconciling import Typed


def test_house_in_step_has_no_difference(house: House, run: Typed) -> None:
    house.bought("5101")
    before = rows(house)
    house.forget_calls()

    assert run() == IN_STEP

    assert (rows(house), writes(house)) == (before, [])


@ON_BOTH_AT_LENGTH
def test_missed_webhooks_are_taken_in(house: House, run: Typed) -> None:
    purchase = house.accepted("5101")
    with webhooks_lost(house):
        house.enter(purchase)
        house.settle()
    assert house.purchase(purchase.id).status == "awaiting_method"

    status, printed = run("--repair")
    house.settle()

    assert status == 0
    assert "A Stripe event never arrived: checkout.session.completed" in printed
    assert house.purchase(purchase.id).status == "paid"
    assert run() == IN_STEP


def test_nothing_is_written_without_repair(house: House, run: Typed) -> None:
    purchase = house.accepted("5101")
    says(house, "5101", propale_status="declined")
    with webhooks_lost(house):
        house.enter(purchase)
    house.forget_calls()
    before = rows(house)

    status, printed = run()

    assert (status, rows(house), writes(house)) == (1, before, [])
    assert "148111: differences 2, repaired 0, left 2." in printed


def test_late_webhook_of_a_taken_event_is_a_duplicate(house: House, run: Typed) -> None:
    purchase = house.accepted("5101")
    with webhooks_lost(house):
        house.enter(purchase)
    run("--repair")
    before = len(house.messages("inbox.stripe"))

    for event in house.events():
        assert house.post_event(event).status_code == 200

    assert len(house.messages("inbox.stripe")) == before


def test_event_that_arrived_is_no_difference(house: House, run: Typed) -> None:
    """Our 200 was lost: Stripe lists the event as undelivered, we have it."""
    purchase = house.accepted("5101")
    with webhooks_lost(house):
        house.enter(purchase)
    for event in house.events():
        house.post_event(event)
    house.settle()

    assert run() == IN_STEP


@ON_BOTH_AT_LENGTH
def test_deal_changed_in_the_portal_is_written_again(house: House, run: Typed) -> None:
    house.bought("5101")
    says(house, "5101", propale_status="declined", propale_amount_due_now="1")

    status, printed = run("--repair")
    house.settle()

    assert status == 0
    assert "The deal is behind in HubSpot (amount due, status)." in printed
    assert house.deal("5101")["propale_status"] == "accepted"
    assert run() == IN_STEP


def test_deal_whose_push_was_lost_is_written(house: House, run: Typed) -> None:
    house.bought("5101")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(Deal).values(revision=Deal.revision + 1))

    status, printed = run("--repair")
    house.settle()

    assert "The deal is behind in HubSpot.\n" in printed
    deal = house.read(lambda session: session.query(Deal).one())
    assert (status, deal.pushed_revision) == (0, deal.revision)
    assert run() == IN_STEP


def test_push_that_is_on_its_way_is_no_difference(house: House, run: Typed) -> None:
    house.bought("5101")
    says(house, "5101", propale_status="declined")
    run("--repair")
    before = rows(house)

    assert run("--repair") == IN_STEP

    assert rows(house) == before


def test_deal_that_is_changed_back_each_time_is_left_to_a_person(house: House, run: Typed) -> None:
    """A workflow of the portal resets our property: writing again would never end."""
    house.bought("5101")
    says(house, "5101", propale_status="declined")
    run("--repair")
    house.settle()
    says(house, "5101", propale_status="declined")
    before = rows(house)

    status, printed = run("--repair")

    assert (status, rows(house)) == (1, before)
    assert "[to do] It was written again before" in printed


def test_deleted_deal_that_lacks_a_push_is_left_to_a_person(house: House, run: Typed) -> None:
    house.bought("5101")
    records.archive(house.sandbox.world, str(house.account.portal), "deals", "5101")
    assert run() == IN_STEP
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(Deal).values(revision=Deal.revision + 1))

    status, printed = run("--repair")

    assert status == 1
    assert "The deal is no longer in HubSpot" in printed
    assert house.messages("hubspot.sync_deal", "pending") == []


def test_tenant_whose_stripe_refuses_is_named_and_others_go_on(
    house: House, other_house: House, run: Typed
) -> None:
    other_house.send("5101")
    says(other_house, "5101", propale_status="declined")
    house.fail("stripe", path="/v1/events", status=401)

    status, printed = run("--repair")

    assert status == 1
    assert "Stripe could not be read." in printed
    assert "148222: differences 1, repaired 1, left 0." in printed


def test_one_tenant_is_reconciled_alone(other_house: House, run: Typed) -> None:
    assert run("--tenant", str(other_house.account.portal)) == (0, "148222: no difference.\n")


@pytest.mark.parametrize(
    "words", [("--tenant", "148999"), ("--tenant", "x"), ("--tenant",), ("--mend",), ("all",)]
)
def test_bad_input_is_one_sentence(house: House, run: Typed, words: tuple[str, ...]) -> None:
    with pytest.raises(AppError) as refused:
        run(*words)

    assert refused.value.message.endswith((".", "[--tenant HUBID]"))
    assert house.messages("", "pending") == []


def lists(house: House) -> list[str]:
    """List calls, HubSpot's batch reads among them."""
    ends = ("/events", "/customers", "/subscriptions", "/invoices", "/sessions", "/batch/read")
    calls = house.calls("stripe") + house.calls("hubspot")
    return [call for call in calls if call.endswith(ends)]


def test_a_hundred_objects_cost_one_list_call(house: House, run: Typed) -> None:
    house.bought("5101")
    world, books = house.sandbox.world, house.books()
    with world.store.lock:
        for kind in ("customer", "subscription", "invoice"):
            made = {**house.stripe(kind)[-1], "metadata": {}, "parent": None}
            for number in range(249):
                books.save({**made, "id": f"{kind}_{number}"})
    add_deals(house, 249)
    house.forget_calls()

    run()

    # 250 of four kinds are three calls each; the page and the events are one each.
    assert len(lists(house)) == 4 * 3 + 2
    ours = house.calls("stripe").count("GET /v1/webhook_endpoints")
    assert ours == 1
    assert len(house.calls("stripe")) + len(house.calls("hubspot")) == len(lists(house)) + ours


def add_deals(house: House, number: int) -> None:
    """Deals with something to show that is shown."""
    with house.runtime.database.writing(house.tenant_id) as session:
        session.add_all(
            Deal(hubspot_deal_id=str(900_000 + n), revision=1, pushed_revision=1)
            for n in range(number)
        )


def test_reader_reads_french(house: House, run: Typed) -> None:
    house.bought("5101")
    says(house, "5101", propale_status="declined")

    _, printed = run(language="fr")

    assert "La transaction est en retard dans HubSpot (état)." in printed
    assert "[réparable, avec --repair] L’état actuel y est écrit de nouveau." in printed


def told(house: House) -> list[AuditEntry]:
    return [entry for entry in house.read(list_entries) if entry.what == "books.repaired"]


def test_journal_tells_what_somebody_had_repaired(house: House, run: Typed) -> None:
    purchase = house.accepted("5101")
    says(house, "5101", propale_status="declined")
    with webhooks_lost(house):
        house.enter(purchase)
    run()
    assert told(house) == []

    run("--repair")
    run("--repair")

    [entry] = told(house)
    [event] = entry.after["missed_webhook"]
    assert entry.who == f"{getpass.getuser()} (./propale)"
    assert (entry.after["deal_behind"], event[:4]) == (["5101"], "evt_")
    shown = {change.name: change.after for change in changes_of({}, entry.after, "fr")}
    assert shown == {"Événements de Stripe repris": event, "Transactions réécrites": "5101"}


def test_very_many_repairs_are_one_short_entry(house: House) -> None:
    many = [Difference(Kind.DEAL_BEHIND, str(number)) for number in range(NAMED + 7)]

    with house.runtime.database.writing(house.tenant_id) as session:
        note_repairs(session, US, many)

    [entry] = told(house)
    assert len(entry.after["deal_behind"]) == NAMED + 1
    assert entry.after["deal_behind"][-1] == "+ 7"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "kind",
    ["missed_webhook", "deal_behind", "invoice_unknown", "method_unbilled", "purchase_behind"],
)
def test_every_repair_has_words_in_the_journal(kind: str, language: str) -> None:
    [change] = changes_of({}, {kind: ["5101"]}, language)

    assert change.name != kind
