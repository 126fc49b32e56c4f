"""Slack messages: CRM text literal, within Slack's limits, with the way to the deal."""

from __future__ import annotations

from typing import Any

import pytest

from app.language import LANGUAGES
from app.wording.slack import accepted, paid
from tests.unit.wording.test_mails import FACTS, HOSTILE

MARKUP = "<!channel> <http://evil|Invoice> & *bold*"


def texts(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for block in blocks:
        found += [block["text"]] if "text" in block else []
        found += block.get("fields", [])
        found += [element["text"] for element in block.get("elements", [])]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", [accepted, paid])
def test_hostile_text_is_plain_and_within_limits(words: Any, language: str) -> None:
    text, blocks = words(dict.fromkeys(FACTS, MARKUP + HOSTILE) | {"deal_url": "x"}, language)

    assert "<" not in text
    assert len(text) <= 4_000
    assert {piece["type"] for piece in texts(blocks)} == {"plain_text"}
    assert len(blocks[0]["text"]["text"]) <= 150
    assert len(blocks[1]["fields"]) <= 10
    assert [block["type"] for block in blocks] == ["header", "section"]


def test_acceptance_says_method_awaited_and_leads_to_the_deal() -> None:
    text, blocks = accepted(FACTS, "fr")

    assert text == (
        "Atelier Martin a accepté la proposition P-2026-0001, moyen de paiement attendu"
        " (540,00 EUR)"
    )
    assert blocks[-1]["elements"][0]["url"] == FACTS["deal_url"]


@pytest.mark.parametrize(
    ("recurring", "words"), [("9 EUR par mois", "s’abonne"), (None, "a payé la proposition")]
)
def test_money_says_subscribed_or_paid(recurring: str | None, words: str) -> None:
    text, _ = paid({**FACTS, "recurring": recurring}, "fr")
    by_credit, _ = paid({**FACTS, "recurring": recurring, "by_credit": True}, "fr")

    assert words in text
    assert "rien n’a été débité" not in text
    assert "crédit" in by_credit
    assert "rien n’a été débité" in by_credit
    assert "a payé" not in by_credit
