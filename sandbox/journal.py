"""Every request that arrives, counted and kept: the sandbox never merges a double."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

_KEPT = 5000
_SECRET_HEADERS = {"authorization", "cookie", "x-hubspot-signature-v3"}
_SECRET_FIELDS = re.compile(r"((?:^|&)(?:client_secret|refresh_token|code|token)=)[^&]*")


class Journal:
    """The arrivals of all vendors; Stripe's are also appended to a file, one JSON object a line."""

    def __init__(self, stripe_file: Path) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._stripe_file = stripe_file

    def arrived(
        self,
        vendor: str,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: str = "",
        at: datetime,
    ) -> dict[str, Any]:
        """Keep one arrival and return its entry, whose `status` is filled in once it is known."""
        entry = {
            "vendor": vendor,
            "method": method,
            "path": path,
            "query": query,
            "headers": _without_secrets(headers or {}),
            "body": _SECRET_FIELDS.sub(r"\1...", body) if "/oauth" in path else body,
            "at": at.isoformat(),
            "status": None,
        }
        with self._lock:
            self._entries.append(entry)
            self._counts[vendor, method, path] += 1
            if vendor == "stripe" and path.startswith("/v1/"):
                self._append_stripe(method, path, body if method == "POST" else query)
        return entry

    def entries(self, vendor: str | None = None) -> list[dict[str, Any]]:
        """List the kept arrivals, oldest first."""
        with self._lock:
            return [dict(entry) for entry in self._entries if vendor in {None, entry["vendor"]}]

    def count(self, vendor: str, method: str | None = None, path: str | None = None) -> int:
        """How many calls arrived, of a method and an exact path when they are given."""
        with self._lock:
            return sum(
                times
                for (seen, how, where), times in self._counts.items()
                if seen == vendor and method in {None, how} and path in {None, where}
            )

    def counts(self) -> list[dict[str, Any]]:
        """Arrivals per vendor, method and path."""
        with self._lock:
            return [
                {"vendor": vendor, "method": method, "path": path, "count": count}
                for (vendor, method, path), count in sorted(self._counts.items())
            ]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._counts.clear()

    def _append_stripe(self, method: str, path: str, body: str) -> None:
        self._stripe_file.parent.mkdir(parents=True, exist_ok=True)
        with self._stripe_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"method": method, "path": path, "body": body}) + "\n")


def _without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "..." if name.lower() in _SECRET_HEADERS else value for name, value in headers.items()
    }
