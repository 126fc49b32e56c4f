"""The states of the card: each view that the server may send, and what may come instead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CARDS = Path(__file__).parents[2] / "hubspot_cards"
FIXTURES = CARDS / "tests" / "fixtures"
# The places HubSpot gives a card, with about the width each leaves it.
WIDTHS = {"tab": 760, "sidebar": 340}
SIGN_IN = "Ouvrir mon espace Propale"
LINK = {"url": "https://propale.example/sign-in/once"}
REFUSED = {"error": {"code": "deal_unknown", "message": "Cette transaction est introuvable."}}


@dataclass(frozen=True)
class Story:
    """One state: how the server answers the card (`status` 0: never) and who looks.

    A card that `waits` shows so for as long as it is looked at. `press` is the button that leads to
    the state; without `configured` the project's profile names no address of ours.
    """

    name: str
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    locale: str = "fr-fr"
    bundle: str = "proposal-card"
    waits: bool = False
    press: str = ""
    configured: bool = True


def stories() -> list[Story]:
    """Every story, each with a name of its own."""
    return [*_views(), *_money(), *_failures(), *_pressed(), *_settings()]


def _views() -> Iterator[Story]:
    for path in sorted(FIXTURES.glob("*.json")):
        locale = "en-gb" if path.stem.endswith("english") else "fr-fr"
        waits = path.stem == "taken"
        yield Story(path.stem, _view(path.stem), locale=locale, waits=waits)


def _money() -> Iterator[Story]:
    for status in money_statuses():
        yield Story(f"money_{status}", {**_view("accepted"), "money": {"status": status}})


def money_statuses() -> list[str]:
    """What the money may be, as the card's API says."""
    schema = json.loads((CARDS / "card-api.schema.json").read_text(encoding="utf-8"))
    return list(schema["$defs"]["MoneyStatus"]["enum"])


def _failures() -> Iterator[Story]:
    yield Story("loading", status=0, waits=True)
    yield Story("refused", REFUSED, status=404)
    yield Story("unreachable", status=502)
    yield Story("no_address", configured=False)


def _pressed() -> Iterator[Story]:
    yield Story("withdrawing", _view("sent"), press="Retirer la proposition")
    yield Story("sign_in_link", {**_view("sent"), **LINK}, press=SIGN_IN)


def _settings() -> Iterator[Story]:
    yield Story("settings", bundle="settings")
    yield Story("settings_link", LINK, bundle="settings", press=SIGN_IN)
    yield Story("settings_refused", REFUSED, status=404, bundle="settings", press=SIGN_IN)
    yield Story("settings_no_address", bundle="settings", configured=False)


def _view(name: str) -> dict[str, Any]:
    view: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return view
