"""Rules that no type holds, each with the page that states it; checked before any work is done.

The shapes say what a parameter looks like. These rows say what must be true of it together with
others or with what the account already holds.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.stripe import rules_billing as billing
from sandbox.stripe import rules_checkout as checkout
from sandbox.stripe import rules_general as general
from sandbox.stripe import rules_invoices as invoices
from sandbox.stripe import rules_lengths as lengths
from sandbox.stripe.books import Books, Params
from sandbox.stripe.errors import StripeError

Check = Callable[[Books, Params, list[str]], StripeError | None]

_CHECKOUT = "POST /v1/checkout/sessions"
_SUBSCRIBE = "POST /v1/subscriptions"
_PREVIEW = "POST /v1/invoices/create_preview"
_ONE = "POST /v1/invoices/{invoice}"

_Rows = tuple[tuple[str, Check, str], ...]
# (pattern of calls, check, page below docs.stripe.com)
_OF_THE_PARAMETERS: _Rows = (
    ("POST *", general.metadata_has_limits, "api/metadata"),
    ("POST *", lengths.strings_have_lengths, "api/errors"),
    ("POST /v1/customers*", lengths.customer_texts_fit, "api/customers/create"),
    ("POST /v1/checkout/sessions", lengths.session_texts_fit, "api/checkout/sessions/create"),
    ("POST /v1/invoices", lengths.invoice_texts_fit, "api/invoices/create"),
    ("POST /v1/invoices/{invoice}", lengths.invoice_texts_fit, "api/invoices/update"),
    ("POST /v1/subscriptions*", lengths.subscription_texts_fit, "api/subscriptions/create"),
    ("POST *", general.currency_is_known, "currencies"),
    ("POST /v1/customers*", general.email_has_a_form, "api/customers/create"),
    ("POST /v1/tax_rates", general.percentage_is_sane, "api/tax_rates/create"),
    ("POST /v1/webhook_endpoints*", general.webhook_url_is_http, "webhooks"),
    ("POST /v1/webhook_endpoints", general.webhook_version_is_played, "api/webhook_endpoints"),
    (_CHECKOUT, checkout.mode_is_setup, "api/checkout/sessions/create"),
    (_CHECKOUT, checkout.setup_has_currency_or_kinds, "api/checkout/sessions/create"),
    (_CHECKOUT, checkout.success_url_is_given, "api/checkout/sessions/create"),
    (_CHECKOUT, checkout.urls_are_absolute, "api/checkout/sessions/create"),
    (_CHECKOUT, checkout.expiry_is_near, "api/checkout/sessions/create"),
    (_CHECKOUT, checkout.customer_or_email, "api/checkout/sessions/create"),
    (_SUBSCRIBE, billing.items_are_given, "api/subscriptions/create"),
    ("POST *", billing.interval_is_within_three_years, "api/prices/create"),
    ("POST *", billing.price_has_one_amount, "api/prices/create"),
    ("POST *", billing.amounts_are_within_limits, "currencies"),
    (_SUBSCRIBE, billing.one_price_an_item, "api/subscriptions/create"),
    ("POST *", billing.lists_are_short, "api/subscriptions/create"),
    (_SUBSCRIBE, billing.behaviour_is_played, "api/subscriptions/create"),
    ("POST /v1/invoices", invoices.invoice_has_a_customer, "api/invoices/create"),
    ("POST /v1/invoices", invoices.sent_invoice_is_due, "api/invoices/create"),
    (_ONE + "/add_lines", invoices.line_has_an_amount, "api/invoices/add_lines"),
    (_PREVIEW, invoices.preview_has_lines, "api/invoices/create_preview"),
)
# What the account holds is looked at by the work itself, so a key keeps these refusals.
_OF_THE_ACCOUNT: _Rows = (
    ("POST *", general.customer_exists, "api/customers/retrieve"),
    ("* /v1/customers/{customer}", general.path_customer_exists, "api/customers/retrieve"),
    ("POST /v1/customers/{customer}", general.customer_is_not_deleted, "api/customers/delete"),
    ("POST *", general.tax_rates_are_active, "api/tax_rates"),
    ("POST *", general.method_is_the_customers, "api/subscriptions/create"),
    ("POST /v1/products", general.product_id_is_new, "api/products/create"),
    ("POST /v1/webhook_endpoints", general.few_webhook_endpoints, "webhooks"),
    (_CHECKOUT, checkout.configuration_exists, "api/payment_method_configurations"),
    (_CHECKOUT + "/{session}/expire", checkout.session_is_open, "api/checkout/sessions/expire"),
    ("POST *", billing.product_exists, "api/products/retrieve"),
    ("POST *", billing.one_currency, "billing/customer"),
    (_SUBSCRIBE, billing.subscriptions_share_a_currency, "invoicing/multi-currency-customers"),
    (_PREVIEW, billing.subscriptions_share_a_currency, "invoicing/multi-currency-customers"),
    (_SUBSCRIBE, billing.items_recur, "api/subscriptions/create"),
    (_SUBSCRIBE, billing.one_interval, "billing/subscriptions/mixed-interval"),
    (_SUBSCRIBE, billing.something_to_charge, "billing/subscriptions/payment-methods-setting"),
    ("POST *", billing.sepa_is_in_euros, "payments/sepa-debit"),
    ("* /v1/subscriptions/{*", billing.subscription_exists, "api/subscriptions/retrieve"),
    ("POST /v1/subscriptions/{*", billing.subscription_has_not_ended, "api/subscriptions/update"),
    ("DELETE /v1/subscriptions/{*", billing.subscription_has_not_ended, "api/subscriptions/cancel"),
    ("* /v1/invoices/{invoice}*", invoices.invoice_exists, "api/invoices/retrieve"),
    (_ONE, invoices.draft_keeps_its_fields, "api/invoices/update"),
    (_ONE + "/add_lines", invoices.invoice_is_a_draft, "api/invoices/add_lines"),
    (_ONE + "/finalize", invoices.invoice_is_a_draft, "api/invoices/finalize"),
    ("DELETE /v1/invoices/{invoice}", invoices.invoice_is_a_draft, "api/invoices/delete"),
    ("DELETE /v1/invoices/{invoice}", invoices.draft_is_no_subscriptions, "api/invoices/delete"),
    (_ONE + "/pay", invoices.invoice_can_be_paid, "api/invoices/pay"),
    (_ONE + "/void", invoices.invoice_can_be_voided, "api/invoices/void"),
)


@dataclass(frozen=True)
class Rule:
    """`check` returns the refusal or None; it is asked for calls like `calls`."""

    calls: str
    check: Check
    page: str

    @property
    def name(self) -> str:
        return self.check.__name__


def _rules(rows: _Rows) -> tuple[Rule, ...]:
    return tuple(Rule(calls, test, f"https://docs.stripe.com/{page}") for calls, test, page in rows)


OF_THE_PARAMETERS = _rules(_OF_THE_PARAMETERS)
OF_THE_ACCOUNT = _rules(_OF_THE_ACCOUNT)
RULES = OF_THE_PARAMETERS + OF_THE_ACCOUNT


def check(
    rules: tuple[Rule, ...], books: Books, operation: str, params: Params, ids: list[str]
) -> None:
    """Raise the first refusal among the rules of an operation."""
    for rule in rules:
        if fnmatch.fnmatchcase(operation, rule.calls):
            refusal = rule.check(books, params, ids)
            if refusal:
                raise refusal
