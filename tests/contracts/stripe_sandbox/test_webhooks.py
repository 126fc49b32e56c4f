"""Webhooks: signed, in order, repeated until taken, filtered, and disturbed on demand."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
import stripe

from sandbox.server import serve
from sandbox.settings import on_free_ports
from tests.contracts.stripe_sandbox.seller import Seller

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contracts.stripe_sandbox.receiver import Receiver


def listen(seller: Seller, receiver: Receiver, *types: str) -> Any:
    given: Any = {
        "url": receiver.url,
        "enabled_events": list(types or ("*",)),
        "api_version": "2026-10-28.endive",
    }
    return seller.v1.webhook_endpoints.create(given)


def disturb(seller: Seller, **given: Any) -> None:
    answer = requests.post(f"{seller.base}/control/deliveries", json=given, timeout=5)
    assert answer.status_code == 200


def names(receiver: Receiver, secret: str) -> list[str]:
    return [event.data.object.name for event in receiver.events(secret)]


def test_events_arrive_signed_and_in_order(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver)

    subscription = seller.simple_subscription()
    told = seller.event_types()
    receiver.wait(lambda: len(receiver.arrivals) == len(told))

    events = receiver.events(endpoint.secret)
    assert [event.type for event in events] == told
    created = events[-1]
    assert created.type == "customer.subscription.created"
    assert (created.data.object.id, created.api_version) == (subscription.id, "2026-10-28.endive")
    assert created.livemode is False
    assert created.request.id.startswith("req_")
    assert created.request.idempotency_key
    assert "account" not in created


def test_forged_signature_is_told_apart(seller: Seller, receiver: Receiver) -> None:
    listen(seller, receiver)
    seller.customer()
    receiver.wait(lambda: len(receiver.arrivals) == 1)

    with pytest.raises(stripe.SignatureVerificationError):
        receiver.events("whsec_other")


def test_rolled_secret_signs_beside_the_old_one_for_a_day(
    seller: Seller, receiver: Receiver
) -> None:
    endpoint = listen(seller, receiver)
    rolled = requests.post(
        f"{seller.base}/control/endpoints/{endpoint.id}/roll", json={}, timeout=5
    )

    seller.customer()
    receiver.wait(lambda: len(receiver.arrivals) == 1)

    assert receiver.arrivals[0].signature.count("v1=") == 2
    for secret in (endpoint.secret, rolled.json()["secret"]):
        assert receiver.events(secret)[0].type == "customer.created"


def test_signature_carries_a_scheme_to_ignore(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver)

    seller.customer()
    receiver.wait(lambda: len(receiver.arrivals) == 1)

    names = [part.partition("=")[0] for part in receiver.arrivals[0].signature.split(",")]
    assert names == ["t", "v1", "v0"]
    assert receiver.events(endpoint.secret)


def test_secret_is_told_once(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver)

    assert endpoint.secret.startswith("whsec_")
    assert "secret" not in seller.v1.webhook_endpoints.retrieve(endpoint.id)
    assert "secret" not in seller.v1.webhook_endpoints.list().data[0]


def test_only_wanted_types_arrive(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver, "invoice.paid", "invoice.finalized")

    seller.simple_subscription()
    receiver.wait(lambda: len(receiver.arrivals) == 2)

    events = receiver.events(endpoint.secret)
    assert [event.type for event in events] == ["invoice.finalized", "invoice.paid"]


def test_failed_delivery_is_repeated_until_taken(seller: Seller, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    endpoint = listen(seller, receiver)

    seller.customer()
    receiver.wait(lambda: len(receiver.arrivals) == 3)

    ids = {event.id for event in receiver.events(endpoint.secret)}
    assert len(ids) == 1
    assert len({arrival.body for arrival in receiver.arrivals}) == 1


def test_undelivered_events_can_be_listed(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver)
    seller.customer(name="taken")
    receiver.wait(lambda: len(receiver.arrivals) == 1)
    disturb(seller, action="drop")
    seller.customer(name="lost")

    lost = seller.v1.events.list({"delivery_success": False}).data
    taken = seller.v1.events.list({"delivery_success": True}).data

    assert [event.data.object["name"] for event in lost] == ["lost"]
    assert "taken" in [event.data.object["name"] for event in taken]
    assert (lost[0].pending_webhooks, taken[0].pending_webhooks) == (1, 0)
    assert names(receiver, endpoint.secret) == ["taken"]


def test_delivery_can_be_doubled(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver)
    disturb(seller, action="double")

    seller.customer(name="twice")
    seller.customer(name="once")
    receiver.wait(lambda: len(receiver.arrivals) == 3)

    assert names(receiver, endpoint.secret) == ["twice", "twice", "once"]


def test_deliveries_can_be_reordered(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver)
    disturb(seller, action="reorder", times=3)

    for name in ("a", "b", "c", "d"):
        seller.customer(name=name)
    receiver.wait(lambda: len(receiver.arrivals) == 4)

    assert names(receiver, endpoint.secret) == ["c", "b", "a", "d"]


def test_delivery_can_be_delayed(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver)
    disturb(seller, action="delay", seconds=0.5)

    start = time.monotonic()
    seller.customer(name="late")
    seller.customer(name="now")
    receiver.wait(lambda: len(receiver.arrivals) == 2)

    assert names(receiver, endpoint.secret) == ["now", "late"]
    assert time.monotonic() - start >= 0.5


def test_event_of_the_other_mode_comes_beside_the_real_one(
    seller: Seller, receiver: Receiver
) -> None:
    endpoint = listen(seller, receiver)
    disturb(seller, action="wrong_mode")

    seller.customer(name="a")
    receiver.wait(lambda: len(receiver.arrivals) == 2)

    live, test = receiver.events(endpoint.secret)
    assert (live.livemode, test.livemode) == (True, False)
    assert live.id != test.id
    assert live.data.object.name == test.data.object.name == "a"


def test_thin_event_names_its_object_and_holds_nothing_of_it(
    seller: Seller, receiver: Receiver
) -> None:
    endpoint = listen(seller, receiver)
    disturb(seller, action="thin")

    customer = seller.customer()
    receiver.wait(lambda: len(receiver.arrivals) == 2)

    thin, whole = (json.loads(arrival.body) for arrival in receiver.arrivals)
    assert stripe.WebhookSignature.verify_header(
        receiver.arrivals[0].body.decode(), receiver.arrivals[0].signature, endpoint.secret
    )
    assert "data" not in thin
    assert thin["related_object"]["id"] == customer.id == whole["data"]["object"]["id"]
    assert thin["id"] != whole["id"]


def test_stray_that_is_refused_is_no_undelivered_event(seller: Seller, receiver: Receiver) -> None:
    listen(seller, receiver)
    receiver.answers = [400]
    disturb(seller, action="thin")
    seller.customer()
    receiver.wait(lambda: len(receiver.arrivals) == 2)

    assert seller.v1.events.list({"delivery_success": False}).data == []


@pytest.mark.parametrize("given", [{"action": "lose"}, {"action": "drop", "times": -1}])
def test_unknown_mischief_is_refused(seller: Seller, given: dict[str, Any]) -> None:
    answer = requests.post(f"{seller.base}/control/deliveries", json=given, timeout=5)

    assert answer.status_code == 400


def test_event_can_be_sent_again(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver)
    seller.customer()
    receiver.wait(lambda: len(receiver.arrivals) == 1)
    event = receiver.events(endpoint.secret)[0]

    requests.post(f"{seller.base}/control/events/{event.id}/resend", json={}, timeout=5)
    receiver.wait(lambda: len(receiver.arrivals) == 2)

    assert {one.id for one in receiver.events(endpoint.secret)} == {event.id}


def test_disabled_or_deleted_endpoint_gets_nothing(seller: Seller, receiver: Receiver) -> None:
    off, gone = listen(seller, receiver), listen(seller, receiver)
    seller.v1.webhook_endpoints.update(off.id, {"disabled": True})
    seller.v1.webhook_endpoints.delete(gone.id)
    kept = listen(seller, receiver)

    seller.customer()
    receiver.wait(lambda: len(receiver.arrivals) == 1)

    assert len(receiver.events(kept.secret)) == 1
    assert seller.v1.webhook_endpoints.retrieve(off.id).status == "disabled"


def test_due_work_tells_at_its_own_business_time(seller: Seller, receiver: Receiver) -> None:
    subscription = seller.simple_subscription()
    endpoint = listen(seller, receiver, "invoice.paid")
    item = seller.v1.subscriptions.retrieve(subscription.id)["items"].data[0]

    seller.wait(days=45)
    receiver.wait(lambda: len(receiver.arrivals) == 1)

    event = receiver.events(endpoint.secret)[0]
    assert event.created == item.current_period_end + 3600
    assert event.request.id is None


def test_invoice_event_is_a_snapshot(seller: Seller, receiver: Receiver) -> None:
    endpoint = listen(seller, receiver, "invoice.finalized")

    subscription = seller.simple_subscription()
    receiver.wait(lambda: len(receiver.arrivals) == 1)

    snapshot = receiver.events(endpoint.secret)[0].data.object
    assert (snapshot.id, snapshot.status) == (subscription.latest_invoice.id, "open")


def test_pending_delivery_survives_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    settings = on_free_ports(tmp_path)
    first = serve(settings)
    seller = Seller(first)
    endpoint = listen(seller, receiver)
    disturb(seller, action="delay", seconds=1)
    customer = seller.customer()
    first.close()

    second = serve(settings)
    receiver.wait(lambda: len(receiver.arrivals) == 1)
    second.close()

    assert receiver.events(endpoint.secret)[0].data.object.id == customer.id
