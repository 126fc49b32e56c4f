"""Payment methods and what each of the tester's choices will do when it is charged.

https://docs.stripe.com/api/payment_methods and https://docs.stripe.com/testing
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.stripe.books import Books, Params, Record, blank, new_id
from sandbox.stripe.calls import call
from sandbox.stripe.events import emit


@dataclass(frozen=True)
class Choice:
    """A card or account a tester can enter; outcomes: succeed, 3ds, decline, processing, bounce."""

    kind: str
    number: str
    first: str = "succeed"
    later: str = "succeed"
    at_setup: str = "succeed"
    brand: str = "visa"

    @property
    def last4(self) -> str:
        return self.number.replace(" ", "")[-4:]


_CARD, _SEPA = "card", "sepa_debit"
# Stripe's own test numbers where it has one for the case.
CHOICES = {
    "card_ok": Choice(_CARD, "4242 4242 4242 4242"),
    "card_3ds_now": Choice(_CARD, "4000 0025 0000 3155", at_setup="3ds"),
    "card_3ds_at_charge": Choice(_CARD, "4000 0027 6000 3184", first="3ds"),
    "card_declined": Choice(_CARD, "4000 0000 0000 0341", first="decline", later="decline"),
    "card_fails_later": Choice(_CARD, "5555 5555 5555 4444", later="decline", brand="mastercard"),
    "sepa_ok": Choice(
        _SEPA, "FR14 2004 1010 0505 0001 3M02 606", first="processing", later="processing"
    ),
    "sepa_bounces": Choice(
        _SEPA, "FR84 2004 1010 0505 0001 3M02 607", first="bounce", later="bounce"
    ),
}
_NOBODY = {"city": None, "country": None, "line1": None, "line2": None,
           "postal_code": None, "state": None}  # fmt: skip


@call("GET /v1/payment_methods/{payment_method}", "payment_method")
def retrieve(books: Books, params: Params, method: str) -> Record:  # noqa: ARG001
    return books.get("payment_method", method)


def attach(books: Books, choice_name: str, customer_id: str | None) -> Record:
    """Make the payment method a tester chose and attach it to the customer."""
    choice = CHOICES[choice_name]
    customer = books.find("customer", customer_id) or {}
    method = {
        **blank("payment_method"),
        "id": new_id("pm_1"),
        "allow_redisplay": "limited",
        "billing_details": {
            "address": customer.get("address") or dict(_NOBODY),
            "email": customer.get("email"),
            "name": customer.get("name"),
            "phone": None,
            "tax_id": None,
        },
        "created": books.now(),
        "customer": customer_id,
        "metadata": {},
        "type": choice.kind,
        choice.kind: _card(choice) if choice.kind == "card" else _sepa(choice),
    }
    # Only the hash of the method's own kind exists.
    method.pop({"card": "sepa_debit", "sepa_debit": "card"}[choice.kind])
    books.save(method)
    books.table("behaviour")[method["id"]] = {"choice": choice_name, "charges": 0}
    emit(books, "payment_method.attached", method)
    return method


def outcome(books: Books, method_id: str) -> str:
    """What the next charge of this method will do."""
    row = books.table("behaviour")[method_id]
    choice = CHOICES[row["choice"]]
    if row.get("authenticated") and choice.first == "3ds":
        return choice.later
    return choice.first if row["charges"] == 0 else choice.later


def charged(books: Books, method_id: str) -> None:
    """Count a charge that went through, so that the next one is a later one."""
    row = books.table("behaviour")[method_id]
    books.table("behaviour")[method_id] = {**row, "charges": row["charges"] + 1}


def authenticated(books: Books, method_id: str) -> None:
    """The customer confirmed with her bank; the method asks no more."""
    row = books.table("behaviour")[method_id]
    books.table("behaviour")[method_id] = {**row, "authenticated": True}


def _card(choice: Choice) -> Record:
    return {
        "brand": choice.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "FR",
        "display_brand": choice.brand,
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"sandbox{choice.last4}",
        "funding": "credit",
        "generated_from": None,
        "last4": choice.last4,
        "networks": {"available": [choice.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _sepa(choice: Choice) -> Record:
    return {
        "bank_code": "20041",
        "branch_code": "01005",
        "country": "FR",
        "fingerprint": f"sandbox{choice.last4}",
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": choice.last4,
    }
