"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests
import stripe
from flask import Flask
from werkzeug.serving import make_server

from sandbox.settings import on_free_ports
from sandbox.stripe import blueprint
from sandbox.world import World
from tests.contracts.stripe_sandbox.seller import Seller

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Server

_KEY = {"Authorization": "Bearer rk_test_sandbox0001"}


def create(server: Server, key: str, **form: str) -> requests.Response:
    url = server.world.settings.stripe_api_base + "/v1/customers"
    return requests.post(url, data=form, headers={**_KEY, "Idempotency-Key": key}, timeout=5)


def test_same_key_and_parameters_replay_the_answer(sandbox: Server) -> None:
    first, second = (create(sandbox, "k1", name="Jeanne") for _ in range(2))

    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert len(sandbox.world.store.table("stripe", "acct_sandbox0001", "customer")) == 1


def test_other_parameters_under_a_key_are_an_error(seller: Seller) -> None:
    seller.v1.customers.create({"name": "a"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError) as refusal:
        seller.v1.customers.create({"name": "b"}, {"idempotency_key": "k1"})

    assert refusal.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        seller.v1.products.create({"name": "a"}, {"idempotency_key": "k1"})


def test_refused_parameters_are_not_kept(sandbox: Server) -> None:
    refused = create(sandbox, "k1", name="a", nickname="b")
    taken = create(sandbox, "k1", name="a")

    assert (refused.status_code, taken.status_code) == (400, 200)
    assert "Idempotent-Replayed" not in taken.headers


def test_refusal_for_what_the_account_holds_is_kept(seller: Seller) -> None:
    customer = seller.customer().id
    invoice = seller.v1.invoices.create({"customer": customer, "currency": "eur"}).id
    key: Any = {"idempotency_key": "pay"}
    with pytest.raises(stripe.InvalidRequestError, match="only pay an open invoice"):
        seller.v1.invoices.pay(invoice, {}, key)
    seller.v1.invoices.add_lines(invoice, {"lines": [{"amount": 1000, "description": "x"}]})
    seller.v1.invoices.finalize_invoice(invoice)

    with pytest.raises(stripe.InvalidRequestError, match="only pay an open invoice") as again:
        seller.v1.invoices.pay(invoice, {}, key)

    assert dict(again.value.headers or {})["Idempotent-Replayed"] == "true"


def test_error_500_is_replayed_for_a_day(sandbox: Server) -> None:
    sandbox.world.faults.arm(vendor="stripe", path="/v1/customers", status=500)

    first, again = (create(sandbox, "k1", name="a") for _ in range(2))
    other = create(sandbox, "k2", name="a")

    assert (first.status_code, again.status_code, other.status_code) == (500, 500, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()


@pytest.mark.parametrize("status", [409, 429, 503])
def test_answer_from_before_the_work_is_not_kept(sandbox: Server, status: int) -> None:
    sandbox.world.faults.arm(vendor="stripe", path="/v1/customers", status=status)

    first, again = (create(sandbox, "k1", name="a") for _ in range(2))

    assert (first.status_code, again.status_code) == (status, 200)


def test_declined_charge_is_replayed(seller: Seller) -> None:
    customer = seller.customer()
    invoice = seller.open_invoice(customer.id, seller.method(customer.id, "card_declined").id)

    for _ in range(2):
        with pytest.raises(stripe.CardError):
            seller.v1.invoices.pay(invoice.id, {}, {"idempotency_key": "pay"})

    assert seller.v1.invoices.retrieve(invoice.id).attempt_count == 1


def test_lost_answer_is_had_again_by_its_key(seller: Seller, sandbox: Server) -> None:
    sandbox.world.faults.arm(vendor="stripe", method="POST", path="/v1/customers", cut="after")
    with pytest.raises(stripe.APIConnectionError):
        seller.v1.customers.create({"name": "a"}, {"idempotency_key": "k1"})

    again = seller.v1.customers.create({"name": "a"}, {"idempotency_key": "k1"})

    assert [one.id for one in seller.v1.customers.list().data] == [again.id]


def test_keys_of_two_accounts_do_not_meet(seller: Seller, sandbox: Server) -> None:
    first = seller.v1.customers.create({"name": "a"}, {"idempotency_key": "k1"})
    other = Seller(sandbox, "rk_test_sandbox0002")

    second = other.v1.customers.create({"name": "b"}, {"idempotency_key": "k1"})

    assert first.id != second.id


def test_key_longer_than_255_is_refused(sandbox: Server) -> None:
    assert create(sandbox, "k" * 256, name="a").status_code == 400
    assert create(sandbox, "k" * 255, name="a").status_code == 200


def test_same_key_at_the_same_moment_is_a_409(tmp_path: Path) -> None:
    world = World.open(on_free_ports(tmp_path))
    app = Flask("only-stripe")
    app.config["WORLD"] = world
    app.register_blueprint(blueprint(world))
    server = make_server(*world.settings.http_address, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = world.settings.stripe_api_base + "/v1/customers"
    headers = {**_KEY, "Idempotency-Key": "k1"}

    def send() -> Any:
        return requests.post(url, data={"name": "a"}, headers=headers, timeout=5)

    with ThreadPoolExecutor(2) as pool:
        with world.store.lock:
            calls = [pool.submit(send) for _ in range(2)]
            while not any(call.done() for call in calls):
                time.sleep(0.01)
        answers = {call.result().status_code: call.result().json() for call in calls}
    server.shutdown()
    world.close()

    assert set(answers) == {200, 409}
    assert answers[409]["error"]["code"] == "idempotency_key_in_use"
