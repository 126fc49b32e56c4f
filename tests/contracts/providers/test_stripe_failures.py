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
    path = "/v1/webhook_endpoints"
    faults = shop.sandbox.world.faults
    faults.arm(vendor="stripe", method="POST", path=path, status=500, times=broken)

    def make() -> str:
        url = "https://propale.example/webhooks/stripe/1"
        return shop.stripe.create_webhook_endpoint(url, ["invoice.paid"], "endpoint-1")[0]

    for _ in range(broken):
        with pytest.raises(ProviderError):
            make()

    assert make() == make()


def test_error_kept_under_a_key_is_said_to_be_over(shop: Shop) -> None:
    shop.sandbox.world.faults.arm(vendor="stripe", path=PRODUCTS, status=500)

    failed = [write_failure(shop.stripe) for _ in range(2)]

    assert [one.kind for one in failed] == [FailureKind.UNKNOWN_OUTCOME] * 2
    assert [one.over for one in failed] == [False, True]
