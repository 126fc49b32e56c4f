"""Metadata: given keys are merged, an empty value unsets its key, an empty string unsets all.

https://docs.stripe.com/api/metadata
"""

from __future__ import annotations

from typing import Any


def merged(now: dict[str, str] | None, given: Any) -> dict[str, str]:
    """Return the metadata after an update with `given` (None: not given)."""
    if given is None:
        return dict(now or {})
    if given == "":
        return {}
    return {key: value for key, value in {**(now or {}), **given}.items() if value != ""}
