"""An account's owner installs a platform's app, or removes it.

https://docs.stripe.com/stripe-apps/install-links and https://docs.stripe.com/connect/webhooks
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.events import emit
from sandbox.stripe.platforms import APPLICATION, PLATFORM, connections

if TYPE_CHECKING:
    from sandbox.stripe.books import Books, Record


def install(books: Books) -> None:
    """From now on the platform's key reaches this account, and its events reach the platform."""
    connections(books.world)[books.account] = {"platform": PLATFORM}
    emit(books, "account.application.authorized", _application())


def remove(books: Books) -> None:
    """The platform is told, and its key reaches the account no more."""
    emit(books, "account.application.deauthorized", _application())
    connections(books.world).pop(books.account, None)


def _application() -> Record:
    return {"id": APPLICATION, "object": "application", "name": "Propale"}
