"""Stripe's errors as our failures."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import stripe

from app.errors import FailureKind, ProviderError
from app.providers.outcome import kind_of_silence, kind_of_status, retry_after, sentence

T = TypeVar("T")

PROVIDER = "stripe"
# A payment that waits for the person at the bank's page, under the names Stripe gave it over time.
WAITING_FOR_PERSON = frozenset(
    {
        "authentication_required",
        "invoice_payment_intent_requires_action",
        "subscription_payment_intent_requires_action",
    }
)

# The code for an object that the account does not know: deleted, or of another account.
MISSING = "resource_missing"
# An error 500 that Stripe stored for this key: for a day every repetition gets it again, and
# nothing of the call is still under way. https://docs.stripe.com/api/idempotent_requests
REPLAYED_ERROR = "replayed_error"
# The code for an account that a platform's key does not reach.
NO_ACCESS = "account_invalid"
# The code for what a restricted key may not do.
MISSING_PERMISSION = "missing_permission"


def failure(error: stripe.StripeError, *, write: bool, by_platform: bool = False) -> ProviderError:
    """Decide the kind. A declined card is PERMANENT with the bank's code and status 402.

    `by_platform`: the key is our platform's, so what it lacks is no tenant's to mend.
    https://docs.stripe.com/error-handling and https://docs.stripe.com/api/errors
    """
    return ProviderError(
        PROVIDER,
        FailureKind.CONFIGURATION
        if by_platform and _refuses_key(error)
        else _kind(error, write=write),
        _words(error),
        code=_code(error),
        status=error.http_status,
        retry_after=retry_after(error.headers),
        detail=_lacking(error) or _missing(error),
        over=_is_replayed(error),
    )


def none_if_gone(call: Callable[[], T]) -> T | None:
    """What the call answers; None where the account does not know the object (any more)."""
    try:
        return call()
    except ProviderError as failed:
        if failed.code == MISSING:
            return None
        raise


def unreadable(*, write: bool) -> ProviderError:
    """An answer that is no text: probably a proxy's, not Stripe's."""
    kind = FailureKind.UNKNOWN_OUTCOME if write else FailureKind.RETRYABLE
    return ProviderError(PROVIDER, kind, "Stripe's answer was no JSON.", code="unreadable")


def _kind(error: stripe.StripeError, *, write: bool) -> FailureKind:
    if isinstance(error, stripe.APIConnectionError):
        return kind_of_silence(error, write=write)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return FailureKind.AUTH
    # A key that went out with other figures is given up when it is old: then we look.
    if isinstance(error, stripe.RateLimitError | stripe.IdempotencyError):
        return FailureKind.RETRYABLE
    if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
        return FailureKind.PERMANENT
    if error.http_status and error.http_status >= HTTPStatus.BAD_REQUEST:
        return kind_of_status(error.http_status, write=write)
    return kind_of_silence(error, write=write)  # a success that is no JSON


def _refuses_key(error: stripe.StripeError) -> bool:
    """The key itself, and not only its access to an account."""
    refused = isinstance(error, stripe.AuthenticationError | stripe.PermissionError)
    return refused and not _without_access(error)


def _without_access(error: stripe.StripeError) -> bool:
    """The account has not, or no longer, let the platform in."""
    return isinstance(error, stripe.PermissionError) and _said_code(error) == NO_ACCESS


def _said_code(error: stripe.StripeError) -> str | None:
    return getattr(error.error, "code", None)


def _code(error: stripe.StripeError) -> str | None:
    if isinstance(error, stripe.AuthenticationError):
        return "invalid_api_key"
    if isinstance(error, stripe.PermissionError):
        return NO_ACCESS if _without_access(error) else MISSING_PERMISSION
    if isinstance(error, stripe.IdempotencyError):
        return "idempotency_error"
    if isinstance(error, stripe.RateLimitError):
        return "rate_limit"
    if _is_replayed(error):
        return REPLAYED_ERROR
    said = getattr(error.error, "decline_code", None) or _said_code(error)
    return str(said) if said else error.code


def _is_replayed(error: stripe.StripeError) -> bool:
    named = {name.lower(): value for name, value in (error.headers or {}).items()}
    broken = (error.http_status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
    return broken and named.get("idempotent-replayed") == "true"


def _words(error: stripe.StripeError) -> str:
    if isinstance(error, stripe.APIConnectionError):
        return "Stripe did not answer."
    if isinstance(error, stripe.AuthenticationError):
        return "Stripe no longer accepts the key."
    if _without_access(error):
        return "The account has not let our platform in, or no longer does."
    if isinstance(error, stripe.PermissionError):
        named = f": {lacking}" if (lacking := _lacking(error)) else ""
        return f"The Stripe key lacks a permission that is needed here{named}."
    if isinstance(error, stripe.RateLimitError):
        return "Stripe asks us to slow down."
    said = error.user_message if error.error else f"status {error.http_status}"
    return f"Stripe refused the request: {sentence(said)}"


def _missing(error: stripe.StripeError) -> str:
    """Which object the account does not know: `No such product: 'prod_1'`."""
    named = re.search(r"No such [\w -]+: '(\w+)'", str(error.user_message or ""))
    return named.group(1) if named else ""


def _lacking(error: stripe.StripeError) -> str:
    """Which permission to add to a restricted key, by the name Stripe gives: `customer_write`."""
    return " / ".join(re.findall(r"'rak_(\w+)'", str(error.user_message or "")))
