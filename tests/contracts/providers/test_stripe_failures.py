"""How Stripe's failures arrive: every kind, each call once, the operation key always sent."""

import time

import pytest

from app.errors import FailureKind, ProviderError
from app.providers.stripe.billing import StripeBilling
from app.providers.stripe.connection import API_VERSION
from sandbox.stripe.keys import grant
from tests.contracts.providers.conftest import Shop, SilentServer

PRODUCTS = "/v1/products"
ACCOUNT = "/v1/account"


def write_failure(stripe: StripeBilling) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        stripe.create_product("Bureau", {}, "product-1")
    return failed.value


def read_failure(stripe: StripeBilling) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        stripe.retrieve_account()
    return failed.value


def test_every_write_carries_its_key_and_version(shop: Shop) -> None:
    shop.stripe.create_product("Bureau", {}, "product-1")

    headers = shop.sandbox.world.journal.entries("stripe")[-1]["headers"]
    assert headers["Idempotency-Key"] == "product-1"
    assert headers["Stripe-Version"] == API_VERSION
    assert "X-Stripe-Client-Telemetry" not in headers


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (429, FailureKind.RETRYABLE, FailureKind.RETRYABLE),
        (409, FailureKind.RETRYABLE, FailureKind.RETRYABLE),
        (500, FailureKind.RETRYABLE, FailureKind.UNKNOWN_OUTCOME),
        (503, FailureKind.RETRYABLE, FailureKind.UNKNOWN_OUTCOME),
        (401, FailureKind.AUTH, FailureKind.AUTH),
        (403, FailureKind.AUTH, FailureKind.AUTH),
        (400, FailureKind.PERMANENT, FailureKind.PERMANENT),
    ],
)
def test_status_has_its_kind_and_arrives_once(
    shop: Shop, status: int, reading: FailureKind, writing: FailureKind
) -> None:
    headers = {"Stripe-Should-Retry": "true"}
    for path in (ACCOUNT, PRODUCTS):
        shop.sandbox.world.faults.arm(vendor="stripe", path=path, status=status, headers=headers)

    assert read_failure(shop.stripe).kind is reading
    assert write_failure(shop.stripe).kind is writing
    assert shop.sandbox.world.journal.count("stripe", "GET", ACCOUNT) == 1
    assert shop.sandbox.world.journal.count("stripe", "POST", PRODUCTS) == 1


def test_slow_down_carries_its_seconds(shop: Shop) -> None:
    shop.sandbox.world.faults.arm(
        vendor="stripe", path=ACCOUNT, status=429, headers={"Retry-After": "4"}
    )

    assert read_failure(shop.stripe).retry_after == 4.0


@pytest.mark.parametrize("status", [200, 502])
def test_answer_of_something_between_is_read(shop: Shop, status: int) -> None:
    for path in (ACCOUNT, PRODUCTS):
        shop.sandbox.world.faults.arm(vendor="stripe", path=path, status=status, body="<html>")

    assert read_failure(shop.stripe).kind is FailureKind.RETRYABLE
    error = write_failure(shop.stripe)
    assert error.kind is FailureKind.UNKNOWN_OUTCOME
    assert "<html>" not in error.message


@pytest.mark.parametrize("cut", ["before", "after"])
def test_lost_answer_is_unknown_and_repeatable(shop: Shop, cut: str) -> None:
    shop.sandbox.world.faults.arm(vendor="stripe", path=PRODUCTS, cut=cut)

    assert write_failure(shop.stripe).kind is FailureKind.UNKNOWN_OUTCOME
    again = shop.stripe.create_product("Bureau", {}, "product-1")

    assert again == shop.stripe.create_product("Bureau", {}, "product-1")
    assert len(shop.sandbox.world.store.table("stripe", "acct_sandbox0001", "product")) == 1


def test_garbled_answer_is_unknown_and_repeatable(shop: Shop) -> None:
    shop.sandbox.world.faults.arm(vendor="stripe", path=PRODUCTS, garbled=True)

    assert write_failure(shop.stripe).kind is FailureKind.UNKNOWN_OUTCOME
    shop.stripe.create_product("Bureau", {}, "product-1")

    assert len(shop.sandbox.world.store.table("stripe", "acct_sandbox0001", "product")) == 1


def test_refused_connection_is_retryable_for_writes(closed_port: int) -> None:
    stripe = StripeBilling("rk_test_1", f"http://127.0.0.1:{closed_port}")

    assert write_failure(stripe).kind is FailureKind.RETRYABLE


def test_timed_out_call_arrives_exactly_once(silent_server: SilentServer) -> None:
    stripe = StripeBilling("rk_test_1", f"http://127.0.0.1:{silent_server.port}", seconds=0.5)
    started = time.monotonic()

    assert read_failure(stripe).kind is FailureKind.RETRYABLE
    assert silent_server.requests == 1
    assert write_failure(stripe).kind is FailureKind.UNKNOWN_OUTCOME
    assert silent_server.requests == 2
    assert time.monotonic() - started < 3


def test_missing_permission_is_named(shop: Shop) -> None:
    grant(shop.sandbox.world, "rk_test_narrow_000001", "acct_sandbox0001", ["invoice_write"])
    narrow = StripeBilling("rk_test_narrow_000001", shop.sandbox.world.settings.stripe_api_base)

    failed = write_failure(narrow)

    assert (failed.kind, failed.code) == (FailureKind.AUTH, "missing_permission")
    assert failed.message.endswith("needed here: product_write.")


@pytest.mark.parametrize("broken", [1, 3])
def test_error_kept_under_a_key_is_left_behind(shop: Shop, broken: int) -> None:
    faults = shop.sandbox.world.faults
    faults.arm(vendor="stripe", method="POST", path=PRODUCTS, status=500, times=broken)
    for _ in range(broken):
        assert write_failure(shop.stripe).kind is FailureKind.UNKNOWN_OUTCOME

    first, again = (shop.stripe.create_product("Bureau", {}, "product-1") for _ in range(2))

    assert first == again
    products = shop.sandbox.world.store.table("stripe", "acct_sandbox0001", "product")
    assert list(products) == [first]


def test_customer_made_by_a_broken_try_is_found(shop: Shop) -> None:
    def make(key: str = "customer-1") -> str:
        return shop.stripe.create_customer(
            name="Jeanne",
            email="jeanne@atelier-martin.example",
            address={},
            locale="fr",
            metadata={"propale_buyer": "1:contact:2"},
            operation_key=key,
        )

    shop.sandbox.world.faults.arm(vendor="stripe", path="/v1/customers", status=500)
    with pytest.raises(ProviderError):
        make()
    # Stripe broke after its work was done; under the key it says no more than that.
    left_behind = make("what the broken try had done")

    assert make() == left_behind


def test_money_is_not_asked_for_under_another_key(shop: Shop) -> None:
    shop.sandbox.world.faults.arm(vendor="stripe", path="/v1/invoices/*", status=500)
    for code in (None, "replayed_error"):
        with pytest.raises(ProviderError) as failed:
            shop.stripe.pay_invoice("in_1", None, "pay-1", off_session=True)
        assert (failed.value.kind, failed.value.code) == (FailureKind.UNKNOWN_OUTCOME, code)
