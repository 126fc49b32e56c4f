"""Platforms: an account whose key reaches others with `Stripe-Account`, and hears of their events.

https://docs.stripe.com/connect/authentication and https://docs.stripe.com/connect/webhooks: a
`connect` endpoint of the platform gets the events of all connected accounts, each with `account`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.stripe.errors import StripeError

if TYPE_CHECKING:
    from sandbox.store import Table
    from sandbox.stripe.books import Books
    from sandbox.world import World

PLATFORM = "acct_platform0001"
PLATFORM_KEY = "sk_test_platform0001"
APPLICATION = "ca_sandbox0001"


def connections(world: World) -> Table:
    """Which accounts are connected: account -> {"platform": whose key reaches it}."""
    return world.store.table("stripe", "connected")


def reached(world: World, platform: str, account: str) -> str:
    """The account that a platform's key works on with `Stripe-Account`; 403 where it may not."""
    if account == platform:
        return account
    row = connections(world).get(account)
    if row is None or row["platform"] != platform:
        raise StripeError(
            f"The provided key does not have access to account '{account}' (or that account does "
            "not exist). Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return account


def listening(books: Books) -> Books | None:
    """The books of the platform that hears of this account's events."""
    row = connections(books.world).get(books.account)
    return replace(books, account=row["platform"]) if row else None
