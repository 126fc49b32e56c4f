"""Stripe before money moves: account, customers, previews, the page that takes a method."""

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import FailureKind, ProviderError
from app.plan_lines import BillingPlan
from app.providers.stripe.billing import StripeBilling
from sandbox.stripe.accounts import switch
from sandbox.stripe.books import Books
from sandbox.stripe.deliveries import Deliveries
from tests.contracts.providers.conftest import Shop


def test_account_says_who_it_is(shop: Shop) -> None:
    account = shop.stripe.retrieve_account()

    assert (account.id, account.livemode) == ("acct_sandbox0001", False)
    assert account.name == "Maison du Sandbox"


def test_live_key_says_live(shop: Shop) -> None:
    api_base = shop.sandbox.world.settings.stripe_api_base

    with pytest.raises(ProviderError) as refused:
        StripeBilling("rk_live_unknown_secret", api_base).retrieve_account()

    assert (refused.value.kind, refused.value.code) == (FailureKind.AUTH, "invalid_api_key")
    assert "rk_live_unknown_secret" not in str(refused.value)


def test_methods_are_those_switched_on(shop: Shop) -> None:
    world = shop.sandbox.world
    before = shop.stripe.list_methods()
    switch(Books(world, Deliveries(world), "acct_sandbox0001"), {"card"})

    assert before == {"card", "sepa_debit"}
    assert shop.stripe.list_methods() == {"card"}


def test_webhook_endpoint_is_made_and_removed(shop: Shop) -> None:
    endpoint_id, secret = shop.stripe.create_webhook_endpoint(
        "http://propale.test/webhooks/stripe/c-1", ["invoice.paid"], "endpoint-1"
    )
    shop.stripe.delete_webhook_endpoint(endpoint_id)
    shop.stripe.delete_webhook_endpoint(endpoint_id)

    assert secret.startswith("whsec_")


def test_customer_is_found_by_mail_and_by_id(shop: Shop) -> None:
    customer_id = shop.customer()

    (found,) = shop.stripe.find_customers_by_email("jeanne@atelier-martin.example")
    assert found == shop.stripe.find_customer(customer_id)
    assert found.metadata == {"propale": "1"}
    assert (found.balance_minor, found.has_discount, found.deleted) == (0, False, False)
    assert shop.stripe.find_customer("cus_unknown") is None


def test_repeated_key_makes_one_customer(shop: Shop) -> None:
    assert shop.customer() == shop.customer()
    assert len(shop.stripe.find_customers_by_email("jeanne@atelier-martin.example")) == 1


def test_key_with_other_content_waits_until_it_is_old(shop: Shop) -> None:
    shop.stripe.create_product("one", {}, "same-key")

    with pytest.raises(ProviderError) as refused:
        shop.stripe.create_product("another", {}, "same-key")

    assert (refused.value.kind, refused.value.code) == (
        FailureKind.RETRYABLE,
        "idempotency_error",
    )


def test_preview_reckons_recurring_and_one_off(shop: Shop) -> None:
    desk, fee = shop.line("Bureau", 120000), shop.line("Mise en service", 15000)
    plan = BillingPlan("EUR", "month", (desk,), (fee,))

    stranger = shop.stripe.preview(plan, None, {"address": {"country": "FR", "city": ""}})
    known = shop.stripe.preview(plan, shop.customer())

    assert (stranger.total_minor, stranger.currency) == (162000, "EUR")
    assert (known.total_minor, known.amount_due_minor) == (162000, 162000)


@pytest.mark.parametrize(
    ("currency", "unit", "total"), [("EUR", 32000, 38400), ("JPY", 33333, 40000)]
)
def test_preview_of_one_off_lines_needs_no_subscription(
    shop: Shop, currency: str, unit: int, total: int
) -> None:
    plan = BillingPlan(currency, None, (), (shop.line("Salle", unit),))

    assert shop.stripe.preview(plan, None).total_minor == total


def test_setup_page_ends_with_a_method(shop: Shop) -> None:
    page = shop.page(shop.customer())
    before = shop.stripe.retrieve_session(page.id)

    method_id = shop.enter_method(page.id, "card_ok")
    after = shop.stripe.retrieve_session(page.id)

    assert page.url.startswith(shop.sandbox.url)
    assert page.expires_at > datetime.now(UTC) + timedelta(hours=23)
    assert (before.status, before.payment_method_id) == ("open", None)
    assert (after.status, after.setup_status) == ("complete", "succeeded")
    assert after.payment_method_id == method_id
    assert after.metadata == {"proposal": "p-1"}


def test_setup_page_takes_a_message_of_any_length(shop: Shop) -> None:
    page = shop.stripe.create_setup_session(
        customer_id=shop.customer(),
        method="sepa_debit",
        currency="EUR",
        success_url="http://propale.test/back",
        cancel_url="http://propale.test/p",
        locale="en",
        metadata={},
        message="m" * 5000,
        operation_key="page-wordy",
    )

    assert shop.stripe.retrieve_session(page.id).status == "open"


def test_page_is_closed_once_and_left_alone_after(shop: Shop) -> None:
    customer_id = shop.customer()
    page, paid = shop.page(customer_id), shop.page(customer_id, key="page-2")
    shop.enter_method(paid.id, "card_ok")

    for session_id in (page.id, page.id, paid.id):
        shop.stripe.expire_session(session_id)

    assert shop.stripe.retrieve_session(page.id).status == "expired"
    assert shop.stripe.retrieve_session(paid.id).status == "complete"


def test_method_the_account_lacks_is_refused(shop: Shop) -> None:
    world = shop.sandbox.world
    switch(Books(world, Deliveries(world), "acct_sandbox0001"), {"card"})

    with pytest.raises(ProviderError) as refused:
        shop.page(shop.customer(), "sepa_debit")

    assert refused.value.kind is FailureKind.PERMANENT


def test_payment_methods_kind_is_read_and_none_once_it_is_gone(shop: Shop) -> None:
    customer_id = shop.customer()
    card = shop.method(customer_id, "card_ok", "card")
    debit = shop.method(customer_id, "sepa_ok", "sepa_debit")

    found = [shop.stripe.find_method_kind(one) for one in (card, debit, "pm_unknown")]

    assert found == ["card", "sepa_debit", None]
