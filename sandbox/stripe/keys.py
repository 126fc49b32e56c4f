"""API keys: whose account each opens, and what a restricted one may do.

https://docs.stripe.com/keys/restricted-api-keys: a permission is a resource with read or write,
write takes read in, GET needs read and everything else write. An object that is expanded is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe import expansion
from sandbox.stripe.errors import StripeError
from sandbox.stripe.platforms import PLATFORM, PLATFORM_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.store import Record, Table
    from sandbox.stripe.calls import Call
    from sandbox.world import World

# The keys of the two accounts that exist from the start; they may do everything.
FIRST_KEYS = {"rk_test_sandbox0001": "acct_sandbox0001", "rk_test_sandbox0002": "acct_sandbox0002"}

# Longest beginnings first, as Stripe's own messages name the permission (`rak_plan_read`...).
_RESOURCES = (
    ("/v1/account", "accounts_kyc_basic"),
    ("/v1/charges", "charge"),
    ("/v1/checkout/sessions", "checkout_session"),
    ("/v1/customers", "customer"),
    ("/v1/events", "event"),
    ("/v1/invoice", "invoice"),
    ("/v1/payment_intents", "payment_intent"),
    ("/v1/payment_method_configurations", "payment_method_configuration"),
    ("/v1/payment_methods", "payment_method"),
    ("/v1/prices", "plan"),
    ("/v1/products", "product"),
    ("/v1/setup_intents", "setup_intent"),
    ("/v1/subscriptions", "subscription"),
    ("/v1/tax_rates", "tax_rate"),
    ("/v1/webhook_endpoints", "webhook"),
)
# Objects that hang on another's permission.
_EXPANDED = {"price": "plan", "invoice_payment": "invoice", "line_item": "invoice"}
_GUARDED = {resource for _, resource in _RESOURCES}


def keys(world: World) -> Table:
    """The known keys: key -> {"account", "permissions" (None: all), "expired"}."""
    return world.store.table("stripe", "keys")


def plant(world: World) -> None:
    """Add the first keys where they are missing."""
    for key, account in {**FIRST_KEYS, PLATFORM_KEY: PLATFORM}.items():
        if key not in keys(world):
            grant(world, key, account, None)


def grant(world: World, key: str, account: str, permissions: list[str] | None) -> None:
    """Make a key, or change what it may do: `["customer_write", "invoice_read"]`."""
    keys(world)[key] = {"account": account, "permissions": permissions, "expired": False}


def expire(world: World, key: str) -> None:
    """Let a key be rolled and over."""
    keys(world)[key] = {**keys(world)[key], "expired": True}


def account_of(world: World, key: str) -> str:
    """The account a key opens; Stripe's 401 when it opens none."""
    row = keys(world).get(key)
    if row is None:
        raise StripeError(f"Invalid API Key provided: {_masked(key)}", status=401)
    if row["expired"]:
        raise StripeError(
            f"Expired API Key provided: {_masked(key)}", status=401, code="api_key_expired"
        )
    return str(row["account"])


def check(world: World, key: str, call: Call, expand: list[str]) -> None:
    """Refuse with a 403 what the key may not do; nothing else of the request is looked at."""
    row = keys(world)[key]
    missing = next((one for one in needed(call, expand) if not _may(row, one)), None)
    if missing:
        raise StripeError(
            f"The provided key '{_masked(key)}' does not have the required permissions for this "
            f"endpoint on account '{row['account']}'. Having the 'rak_{missing}' permission would "
            "allow this request to continue.",
            status=403,
        )


def needed(call: Call, expand: list[str]) -> Iterator[str]:
    """The permissions that a call asks for: `customer_write`, `invoice_read`..."""
    method, _, path = call.operation.partition(" ")
    resource = next(name for start, name in _RESOURCES if path.startswith(start))
    yield f"{resource}_{'read' if method == 'GET' else 'write'}"
    for kind in expansion.kinds(expand, call.answers, many=call.many):
        expanded = _EXPANDED.get(kind, kind.replace(".", "_"))
        if expanded in _GUARDED:
            yield f"{expanded}_read"


def _may(row: Record, permission: str) -> bool:
    held = row["permissions"]
    writing = permission.removesuffix("_read") + "_write"
    return held is None or permission in held or writing in held


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * max(len(key) - 14, 4)}{key[-6:]}"
