"""A seller who uses the real `stripe` SDK, and her customer in a browser."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import requests
import stripe

if TYPE_CHECKING:
    from sandbox.server import Server


class RecordingClient(stripe.RequestsClient):
    """The SDK's own HTTP client, which also keeps what was answered."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[Any] = []

    def request(self, *args: Any, **more: Any) -> tuple[Any, int, Any]:
        answer = super().request(*args, **more)
        self.bodies.append(json.loads(answer[0]))
        return answer


class Seller:
    """`v1` is the SDK's namespace; the other methods are steps many tests share."""

    def __init__(self, server: Server, key: str = "rk_test_sandbox0001") -> None:
        self.server = server
        self.base = server.world.settings.stripe_api_base
        self.http = RecordingClient()
        self.client = stripe.StripeClient(
            key, base_addresses={"api": self.base}, max_network_retries=0, http_client=self.http
        )
        # Untyped, so that tests may also send what the SDK's types would not let through.
        self.v1: Any = self.client.v1

    def answers(self) -> list[Any]:
        """The objects that were answered, errors left out."""
        return [body for body in self.http.bodies if "error" not in body]

    def customer(self, **more: Any) -> Any:
        given = {"email": "jeanne@atelier-martin.example", "name": "Jeanne Martin", **more}
        return self.v1.customers.create(given)

    def product(self, name: str = "Coworking") -> str:
        return str(self.v1.products.create({"name": name}).id)

    def vat(self, percentage: float = 20, *, inclusive: bool = False) -> str:
        rate = self.v1.tax_rates.create(
            {"display_name": "TVA", "percentage": percentage, "inclusive": inclusive}
        )
        return str(rate.id)

    def session(self, customer: str, **more: Any) -> Any:
        given = {
            "mode": "setup",
            "currency": "eur",
            "customer": customer,
            "success_url": "http://shop.example/return?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://shop.example/p/token",
            **more,
        }
        return self.v1.checkout.sessions.create(given)

    def method(self, customer: str, choice: str = "card_ok") -> Any:
        """The payment method a customer enters on Stripe's page."""
        session = self.session(customer)
        answer = requests.post(
            session.url, data={"choice": choice}, allow_redirects=False, timeout=5
        )
        if answer.headers["Location"].startswith(self.base):
            answer = requests.post(
                answer.headers["Location"],
                data={"answer": "confirm"},
                allow_redirects=False,
                timeout=5,
            )
        assert answer.headers["Location"] == f"http://shop.example/return?session={session.id}"
        expand = {"expand": ["setup_intent.payment_method"]}
        done = self.v1.checkout.sessions.retrieve(session.id, expand)
        return done.setup_intent.payment_method

    def item(self, product: str, cents: int = 45000, **more: Any) -> Any:
        """A monthly subscription item with `price_data`."""
        data = {
            "currency": "eur",
            "product": product,
            "unit_amount": cents,
            "recurring": {"interval": "month"},
        }
        return {"price_data": {**data, **more}}

    def subscribe(self, customer: str, method: str, items: list[Any], **more: Any) -> Any:
        given = {
            "customer": customer,
            "items": items,
            "default_payment_method": method,
            "off_session": False,
            "payment_behavior": "allow_incomplete",
            "billing_mode": {"type": "flexible"},
            "expand": ["latest_invoice.payments", "latest_invoice.confirmation_secret"],
            **more,
        }
        return self.v1.subscriptions.create(given)

    def simple_subscription(self, choice: str = "card_ok", **more: Any) -> Any:
        """A customer with one monthly item, paid with what she chose."""
        customer = self.customer()
        method = self.method(customer.id, choice)
        return self.subscribe(customer.id, method.id, [self.item(self.product())], **more)

    def open_invoice(self, customer: str, method: str | None = None, cents: int = 10000) -> Any:
        """A finalized one-off invoice with one line."""
        more = {"default_payment_method": method} if method else {}
        invoice = self.v1.invoices.create({"customer": customer, "currency": "eur", **more})
        line = {"amount": cents, "description": "Location de salle"}
        self.v1.invoices.add_lines(invoice.id, {"lines": [line]})
        return self.v1.invoices.finalize_invoice(invoice.id)

    def intent_of(self, invoice: str) -> Any:
        """The payment intent of an invoice."""
        payments = self.v1.invoice_payments.list({"invoice": invoice})
        return self.v1.payment_intents.retrieve(str(payments.data[0].payment.payment_intent))

    def wait(self, **step: float) -> None:
        """Let business time pass."""
        self.server.world.clock.advance(timedelta(**step))

    def wait_for_renewal(self, subscription: str) -> None:
        """Let business time pass until five minutes into the next period."""
        item = self.v1.subscriptions.retrieve(subscription)["items"].data[0]
        now = self.server.world.clock.now().timestamp()
        self.wait(seconds=item.current_period_end - now + 300)

    def event_types(self) -> list[str]:
        """What happened, oldest first."""
        return [event.type for event in self.v1.events.list({"limit": 100}).data][::-1]
