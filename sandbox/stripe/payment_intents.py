"""Payment intents, charges and invoice payments: the records of an attempt to collect.

https://docs.stripe.com/api/payment_intents, https://docs.stripe.com/api/charges and
https://docs.stripe.com/api/invoice-payment
"""

from __future__ import annotations

from sandbox.stripe.books import Books, Params, Record, blank, new_id
from sandbox.stripe.calls import call, list_call
from sandbox.stripe.events import emit
from sandbox.stripe.paging import matching


@list_call("GET /v1/payment_intents", "payment_intent", plays="customer created")
def intents(books: Books, params: Params) -> list[Record]:
    return matching(books.rows("payment_intent"), params, "customer")


@call("GET /v1/payment_intents/{intent}", "payment_intent")
def retrieve_intent(books: Books, params: Params, intent: str) -> Record:  # noqa: ARG001
    return books.get("payment_intent", intent)


@list_call("GET /v1/charges", "charge", plays="customer payment_intent created")
def charges(books: Books, params: Params) -> list[Record]:
    return matching(books.rows("charge"), params, "customer", "payment_intent")


@call("GET /v1/charges/{charge}", "charge")
def retrieve_charge(books: Books, params: Params, charge: str) -> Record:  # noqa: ARG001
    return books.get("charge", charge)


@list_call("GET /v1/invoice_payments", "invoice_payment", plays="invoice status payment created")
def payments(books: Books, params: Params) -> list[Record]:
    found = matching(books.rows("invoice_payment"), params, "invoice", "status")
    intent = params.get("payment", {}).get("payment_intent")
    return [one for one in found if intent in {None, one["payment"]["payment_intent"]}]


@call("GET /v1/invoice_payments/{invoice_payment}", "invoice_payment")
def retrieve_payment(books: Books, params: Params, payment: str) -> Record:  # noqa: ARG001
    return books.get("invoice_payment", payment)


def open_intent(books: Books, invoice: Record) -> Record:
    """Make the payment intent and default payment of an invoice that was just finalized."""
    key = new_id("pi_3")
    intent = {
        **blank("payment_intent"),
        "id": key,
        "amount": invoice["amount_due"],
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": new_id(f"{key}_secret_"),
        "confirmation_method": "automatic",
        "created": books.now(),
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "description": _reason(invoice),
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": _kinds(invoice),
        "setup_future_usage": "off_session" if invoice["parent"] else None,
        "status": "requires_payment_method",
    }
    payment = {
        **blank("invoice_payment"),
        "id": new_id("inpay_1"),
        "amount_requested": invoice["amount_due"],
        "created": books.now(),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "payment": {"payment_intent": key, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    books.save(payment)
    emit(books, "payment_intent.created", books.save(intent))
    return intent


def payment_of(books: Books, intent: Record) -> Record:
    """The invoice payment behind a payment intent; every intent here has one."""
    key = next(
        row["id"]
        for row in books.rows("invoice_payment")
        if row["payment"]["payment_intent"] == intent["id"]
    )
    return books.get("invoice_payment", key)


def charge_of(books: Books, intent: Record, method: Record, status: str) -> Record:
    """One charge for the whole amount: `succeeded`, `pending` or `failed`."""
    went = status == "succeeded"
    kind = method["type"]
    key = new_id("ch_3" if kind == "card" else "py_3")
    return {
        **blank("charge"),
        "id": key,
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if status != "failed" else 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "captured": status != "failed",
        "created": books.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "metadata": {},
        "outcome": _outcome(status),
        "paid": status != "failed",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {kind: _details(method), "type": kind},
        "receipt_url": books.url(f"receipts/{key}") if went else None,
        "refunded": False,
        "status": status,
    }


def _reason(invoice: Record) -> str:
    words = {
        "subscription_create": "Subscription creation",
        "subscription_cycle": "Subscription update",
    }
    return words.get(invoice["billing_reason"], f"Payment for Invoice {invoice['number']}")


def _kinds(invoice: Record) -> list[str]:
    return ["card", "sepa_debit"] if invoice["currency"] == "eur" else ["card"]


def _outcome(status: str) -> Record:
    failed = status == "failed"
    return {
        "advice_code": "try_again_later" if failed else None,
        "network_advice_code": None,
        "network_decline_code": "01" if failed else None,
        "network_status": "declined_by_network" if failed else "approved_by_network",
        "reason": "generic_decline" if failed else None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "The bank did not return any further details with this decline."
        if failed
        else "Payment complete.",
        "type": "issuer_declined" if failed else "authorized",
    }


def _details(method: Record) -> Record:
    kind = method[method["type"]]
    if method["type"] == "sepa_debit":
        return {
            "bank_code": kind["bank_code"],
            "branch_code": kind["branch_code"],
            "country": kind["country"],
            "fingerprint": kind["fingerprint"],
            "last4": kind["last4"],
            "mandate": None,
        }
    return {
        name: kind[name]
        for name in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint",
                     "funding", "last4", "wallet")
    } | {"network": kind["brand"], "three_d_secure": None}  # fmt: skip
