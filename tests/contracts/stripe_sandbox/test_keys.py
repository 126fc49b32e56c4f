"""Keys: unknown, expired, restricted to permissions as https://docs.stripe.com/keys says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stripe

from sandbox.stripe.calls import registered
from sandbox.stripe.keys import expire, grant
from tests.contracts.stripe_sandbox.seller import Seller

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Server

KEY = "rk_test_restricted_0001"


def holder(server: Server, *permissions: str) -> Seller:
    """A seller whose key may do only that."""
    grant(server.world, KEY, "acct_sandbox0001", list(permissions))
    return Seller(server, KEY)


@pytest.mark.parametrize(
    ("held", "call", "named"),
    [
        ((), lambda s: s.customer(), "rak_customer_write"),
        (("customer_read",), lambda s: s.customer(), "rak_customer_write"),
        (("customer_write",), lambda s: s.v1.products.create({"name": "x"}), "rak_product_write"),
        ((), lambda s: s.v1.accounts.retrieve_current(), "rak_accounts_kyc_basic_read"),
        ((), lambda s: s.v1.invoices.line_items.list("in_x"), "rak_invoice_read"),
        (("invoice_write",), lambda s: s.v1.subscriptions.cancel("s"), "rak_subscription_write"),
        (
            ("invoice_read",),
            lambda s: s.v1.invoices.retrieve(
                "in_x", {"expand": ["payments.data.payment.payment_intent"]}
            ),
            "rak_payment_intent_read",
        ),
    ],
)
def test_missing_permission_is_a_403_that_names_it(
    sandbox: Server, held: tuple[str, ...], call: Callable[[Seller], Any], named: str
) -> None:
    with pytest.raises(stripe.PermissionError, match=f"Having the '{named}'") as refusal:
        call(holder(sandbox, *held))

    assert refusal.value.http_status == 403


def test_write_takes_read_in(sandbox: Server) -> None:
    seller = holder(sandbox, "customer_write")

    customer = seller.customer()

    assert seller.v1.customers.retrieve(customer.id).id == customer.id


def test_permission_is_asked_before_the_parameters(sandbox: Server) -> None:
    with pytest.raises(stripe.PermissionError):
        holder(sandbox).customer(nickname="x")


def test_no_operation_is_left_unguarded(sandbox: Server) -> None:
    seller = holder(sandbox)

    for operation in registered():
        method, _, path = operation.partition(" ")
        with pytest.raises(stripe.PermissionError):
            seller.client.raw_request(method.lower(), path.replace("{", "").replace("}", ""))


def test_expired_key_is_a_401_of_its_own(sandbox: Server) -> None:
    seller = holder(sandbox, "customer_write")
    expire(sandbox.world, KEY)

    with pytest.raises(stripe.AuthenticationError) as refusal:
        seller.customer()

    assert "api_key_expired" in str(refusal.value.http_body)
