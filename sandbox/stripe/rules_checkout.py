"""Rules about checkout sessions in setup mode."""

# ruff: noqa: ARG001 - every check is called the same way

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox.stripe.accounts import configuration
from sandbox.stripe.errors import StripeError, missing, not_played

if TYPE_CHECKING:
    from sandbox.stripe.books import Books, Params

_SOONEST, _LATEST = 30 * 60, 24 * 3600
_SLACK = 60


def mode_is_setup(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    mode = params.get("mode")
    if mode is None:
        return StripeError("Missing required param: mode.", code="parameter_missing", param="mode")
    return None if mode == "setup" else not_played(f"checkout sessions in {mode} mode", "mode")


def setup_has_currency_or_kinds(
    books: Books,
    params: Params,
    ids: list[str],
) -> StripeError | None:
    if params.get("currency") or params.get("allowed_payment_method_types"):
        return None
    return StripeError(
        "Missing required param: currency. It is required in `setup` mode when "
        "`allowed_payment_method_types` is not set.",
        code="parameter_missing",
        param="currency",
    )


def success_url_is_given(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        return not_played(f"ui_mode {params['ui_mode']}", "ui_mode")
    if params.get("success_url"):
        return None
    return StripeError(
        "Missing required param: success_url.", code="parameter_missing", param="success_url"
    )


def urls_are_absolute(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    for name in ("success_url", "cancel_url"):
        if name in params and urlsplit(params[name]).scheme not in {"http", "https"}:
            return StripeError(
                "Not a valid URL: an explicit scheme (such as https) must be provided.",
                code="url_invalid",
                param=name,
            )
    return None


def expiry_is_near(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if "expires_at" not in params:
        return None
    wait = params["expires_at"] - books.now()
    if wait < _SOONEST - _SLACK:
        return StripeError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
            param="expires_at",
        )
    if wait > _LATEST + _SLACK:
        return StripeError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return None


def customer_or_email(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if "customer" in params and "customer_email" in params:
        return StripeError(
            "You may only specify one of these parameters: customer, customer_email.",
            param="customer_email",
        )
    return None


def configuration_exists(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    key = params.get("payment_method_configuration")
    if key is None or key == configuration(books)["id"]:
        return None
    return missing("payment_method_configuration", key, "payment_method_configuration", status=400)


def session_is_open(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    session = books.get("checkout.session", ids[0], param="session")
    if session["status"] == "open":
        return None
    return StripeError(
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session '
        f"has a status of `{session['status']}`."
    )
