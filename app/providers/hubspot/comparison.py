"""Whether a deal's property holds what we wrote, in whatever form HubSpot gives it back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from app.providers.hubspot.properties import PROPERTIES

_TYPES = {str(each["name"]): str(each["type"]) for each in PROPERTIES}


def otherwise(written: Mapping[str, str], read: Mapping[str, str | None]) -> dict[str, str]:
    """The properties that say something else than was written, with what they say."""
    found = {name: str(read.get(name) or "") for name in written}
    return {
        name: found[name]
        for name, value in written.items()
        if _meaning(name, value) != _meaning(name, found[name])
    }


def _meaning(name: str, text: str) -> object:
    """A number's value, an instant, else the text without the blanks that HubSpot trims."""
    kind = _TYPES.get(name)
    if text and kind == "number":
        return _number(text)
    if text and kind == "datetime":
        return _instant(text)
    return text.strip()


def _number(text: str) -> object:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _instant(text: str) -> object:
    """Written as milliseconds since 1970, read back as ISO 8601."""
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return text
