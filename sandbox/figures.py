"""How the sandbox's windows write moments and figures: as people in Paris do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask

_PARIS = ZoneInfo("Europe/Paris")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)(?=(\d{3})+$)")


def moment(at: datetime, pattern: str = "%d/%m/%Y %H:%M") -> str:
    """Write an instant on Paris's clock: `22/11/2026 01:59`."""
    return at.astimezone(_PARIS).strftime(pattern)


def figure(text: str) -> str:
    """Write the CRM's decimal text as its window does, `1 350,00`; other text as it is."""
    if not _DECIMAL.fullmatch(text):
        return text
    whole, point, cents = text.partition(".")
    return _THOUSANDS.sub("\u202f", whole) + point.replace(".", ",") + cents


def teach(app: Flask) -> None:
    """Let every template write them."""
    app.jinja_env.filters |= {"moment": moment, "figure": figure}
