"""An installation as the doctor meets it: production's settings, and what he says of a check."""

from __future__ import annotations

from collections.abc import Iterable

from app.doctor.check import Check, State
from tests.support.environ import CLOSED

# Nobody answers at these hosts; production refuses loopback addresses by name.
LIVE = {
    **{name: value for name, value in CLOSED.items() if not name.endswith("_BASE")},
    "APP_ENV": "production",
    "RATE_LIMITS": "on",
    "PUBLIC_URL": "https://propale.example",
    "TRUSTED_PROXIES": "1",
    "SECRET_KEY": "Vq3n8wKzT0pXcR5yLm2HsJ7dGf4bNa9u",
    "ENCRYPTION_KEYS": "b7Yt2LkQ9xWv4RzNc8JpMh3sDf6gTa1E",
    "HUBSPOT_CLIENT_SECRET": "5f0c8e1d-27b4-49a6-9c3e-d18a6b72f045",
}


def only(checks: Iterable[Check], name: str) -> Check:
    """The one check of that name."""
    (found,) = [check for check in checks if check.name == name]
    return found


def is_red(check: Check, words: str, advice: str) -> bool:
    """Whether it is wrong and says so, with what to do, in both languages."""
    french = check.said("fr"), check.advice("fr")
    english = check.said("en"), check.advice("en")
    assert words in english[0], english
    assert advice in english[1], english
    return check.state is State.WRONG and all(french) and french != english
