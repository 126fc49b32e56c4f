"""Whole lists, page by page, to compare an account with our books."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.providers.stripe.answers import Listed
from app.providers.stripe.connection import Connection
from app.providers.stripe.reading import listed

_PER_PAGE = 100
# Without `status` Stripe leaves ended subscriptions out.
_LISTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "customer": ("/v1/customers", {}),
    "subscription": ("/v1/subscriptions", {"status": "all"}),
    "invoice": ("/v1/invoices", {}),
    "checkout.session": ("/v1/checkout/sessions", {"status": "complete"}),
}


class ListCalls(Connection):
    def undelivered_events(
        self, types: Sequence[str], since: datetime
    ) -> Iterator[list[dict[str, Any]]]:
        """Pages of events that some webhook endpoint has not taken, as a webhook carries them.

        Stripe keeps events for 30 days. https://docs.stripe.com/api/events/list
        """
        params = {"delivery_success": "false", "types": list(types), "created": _from(since)}
        return self._pages("/v1/events", params)

    def list_objects(self, kind: str, since: datetime) -> Iterator[list[Listed]]:
        """Pages of what was made since: customer|subscription|invoice|checkout.session.

        Ended subscriptions included, of sessions only the complete ones.
        https://docs.stripe.com/api/subscriptions/list and the like
        """
        path, narrowed = _LISTS[kind]
        for page in self._pages(path, {**narrowed, "created": _from(since)}):
            yield [listed(found) for found in page]

    def _pages(self, path: str, params: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """All pages, newest first, 100 objects to a call, as plain JSON.

        The SDK's own lists make an object of every hash, which takes 40 times as long.
        https://docs.stripe.com/api/pagination
        """
        asked = {**params, "limit": _PER_PAGE}
        while True:
            page = self._read(self._raw, "get", path, params=asked)
            yield page["data"]
            if not page.get("has_more"):
                return
            asked["starting_after"] = page["data"][-1]["id"]


def _from(since: datetime) -> dict[str, int]:
    return {"gte": int(since.timestamp())}
