"""Checkout sessions in setup mode and their setup intents.

https://docs.stripe.com/api/checkout/sessions and https://docs.stripe.com/api/setup_intents
"""

from __future__ import annotations

from sandbox.stripe import payment_methods
from sandbox.stripe.accounts import configuration, methods_on
from sandbox.stripe.books import Books, Params, Record, blank, listing, new_id
from sandbox.stripe.calls import call, list_call
from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import emit
from sandbox.stripe.expansion import included
from sandbox.stripe.metadata import merged
from sandbox.stripe.paging import matching

_PLAYED = (
    "mode currency customer customer_email allowed_payment_method_types success_url cancel_url "
    "client_reference_id locale expires_at custom_text integration_identifier ui_mode "
    "billing_address_collection payment_method_configuration "
    "setup_intent_data.metadata setup_intent_data.description"
)
_DAY = 24 * 3600
_TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")


@call("POST /v1/checkout/sessions", "checkout.session", plays=_PLAYED)
def create(books: Books, params: Params) -> Record:
    kinds = offered(books, params)
    intent = _intent(books, params, kinds)
    now, key = books.now(), new_id("cs_test_a1", 56)
    customer = books.find("customer", params.get("customer")) or {}
    session = {
        **blank("checkout.session"),
        "id": key,
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": now,
        "currency": params.get("currency"),
        "custom_fields": [],
        "custom_text": {name: params.get("custom_text", {}).get(name) or None for name in _TEXTS},
        "customer": params.get("customer"),
        "customer_details": _details(customer) if customer else None,
        "customer_email": params.get("customer_email"),
        "expires_at": params.get("expires_at", now + _DAY),
        "integration_identifier": params.get("integration_identifier"),
        "locale": params.get("locale"),
        "metadata": merged({}, params.get("metadata")),
        "mode": "setup",
        "payment_method_collection": "always",
        "payment_method_configuration_details": {"id": configuration(books)["id"], "parent": None},
        "payment_method_options": {},
        "payment_method_types": kinds,
        "payment_status": "no_payment_required",
        "setup_intent": intent["id"],
        "shipping_options": [],
        "status": "open",
        "success_url": params.get("success_url"),
        "ui_mode": "hosted_page",
        "url": books.url(f"c/pay/{key}"),
    }
    books.save(intent)
    emit(books, "setup_intent.created", intent)
    return books.save(session)


@list_call("GET /v1/checkout/sessions", "checkout.session", plays="customer status created")
def listed(books: Books, params: Params) -> list[Record]:
    return matching(books.rows("checkout.session"), params, "customer", "status")


@call("GET /v1/checkout/sessions/{session}", "checkout.session")
def retrieve(books: Books, params: Params, session: str) -> Record:  # noqa: ARG001
    return books.get("checkout.session", session)


@call("POST /v1/checkout/sessions/{session}/expire", "checkout.session")
def expire_call(books: Books, params: Params, key: str) -> Record:  # noqa: ARG001
    return expire(books, books.get("checkout.session", key))


@call("GET /v1/setup_intents/{intent}", "setup_intent")
def retrieve_intent(books: Books, params: Params, intent: str) -> Record:  # noqa: ARG001
    return books.get("setup_intent", intent)


@included("checkout.session", "line_items")
def line_items(books: Books, session: Record) -> Record:  # noqa: ARG001
    """A session that sets up sells nothing."""
    return listing([], f"/v1/checkout/sessions/{session['id']}/line_items")


def expire(books: Books, session: Record) -> Record:
    """Close an open session for good; its setup intent is cancelled."""
    session.update(status="expired", url=None)
    books.save(session)
    intent = books.get("setup_intent", session["setup_intent"])
    intent.update(status="canceled", cancellation_reason="abandoned", next_action=None)
    emit(books, "setup_intent.canceled", books.save(intent))
    emit(books, "checkout.session.expired", session)
    return session


def ask_bank(books: Books, session: Record, bank: str) -> None:
    """The method's bank wants its customer first: she is on its page meanwhile."""
    intent = books.get("setup_intent", session["setup_intent"])
    redirect = {"return_url": None, "url": bank}
    intent.update(
        status="requires_action",
        next_action={"type": "redirect_to_url", "redirect_to_url": redirect},
        last_setup_error=None,
    )
    emit(books, "setup_intent.requires_action", books.save(intent))


def complete(books: Books, session: Record, choice: str) -> Record:
    """The customer entered a method: attach it, finish the intent, finish the session."""
    method = payment_methods.attach(books, choice, session["customer"])
    intent = books.get("setup_intent", session["setup_intent"])
    intent.update(
        status="succeeded",
        payment_method=method["id"],
        mandate=new_id("mandate_1") if method["type"] == "sepa_debit" else None,
        next_action=None,
        last_setup_error=None,
    )
    emit(books, "setup_intent.succeeded", books.save(intent))
    session.update(status="complete", url=None)
    books.save(session)
    emit(books, "checkout.session.completed", session)
    return session


def refuse_setup(books: Books, session: Record) -> None:
    """The bank's check failed; the session stays open for another try."""
    intent = books.get("setup_intent", session["setup_intent"])
    intent.update(
        status="requires_payment_method",
        next_action=None,
        last_setup_error={
            "code": "setup_intent_authentication_failure",
            "doc_url": "https://stripe.com/docs/error-codes/setup-intent-authentication-failure",
            "message": "The latest attempt to set up the payment method has failed because "
            "authentication failed.",
            "type": "invalid_request_error",
        },
    )
    emit(books, "setup_intent.setup_failed", books.save(intent))


def offered(books: Books, params: Params) -> list[str]:
    """What the page will offer: on in the account, allowed by the caller, fit for the currency.

    What does not fit is dropped without a word, as Stripe does; nothing left is an error.
    """
    allowed = params.get("allowed_payment_method_types")
    kinds = [
        kind
        for kind in methods_on(books)
        if (allowed is None or kind in allowed)
        and (kind != "sepa_debit" or params.get("currency", "eur") == "eur")
    ]
    if not kinds:
        raise StripeError(
            "No valid payment method types for this Checkout Session. Please ensure that you have "
            "activated payment methods compatible with your chosen currency in your dashboard "
            "(https://dashboard.stripe.com/settings/payments)."
        )
    return kinds


def _intent(books: Books, params: Params, kinds: list[str]) -> Record:
    key = new_id("seti_1")
    given = params.get("setup_intent_data", {})
    return {
        **blank("setup_intent"),
        "id": key,
        "client_secret": new_id(f"{key}_secret_"),
        "created": books.now(),
        "customer": params.get("customer"),
        "description": given.get("description"),
        "metadata": merged({}, given.get("metadata")),
        "payment_method_options": {},
        "payment_method_types": kinds,
        "status": "requires_payment_method",
        "usage": "off_session",
    }


def _details(customer: Record) -> Record:
    return {
        "address": customer["address"],
        "business_name": None,
        "email": customer["email"],
        "individual_name": None,
        "name": customer["name"],
        "phone": customer["phone"],
        "tax_exempt": customer["tax_exempt"],
        "tax_ids": [],
    }
