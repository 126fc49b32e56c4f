"""What is said follows the rules of its language's print, and leads on."""

from __future__ import annotations

import re

import pytest

from app.billing.ladder import MoneyStatus
from app.language import LANGUAGES, catalogue, say
from app.proposals.lifecycle import UNSENT, ProposalStatus

FRENCH = catalogue("fr")

# Fine before `;`, `?`, `!` and `%`, plain before `:` and inside quotes; none of them breaks a line.
WRONGLY_SPACED = re.compile(r"(?<!\u202f)[;?!%]|(?<!\u00a0)[:»]|«(?!\u00a0)")
TYPED = re.compile(
    r"\./propale .*|\w+:\w+|\w+://\S*|%[0-9A-F]{2}|^\?$"
    r"|set -a; .*|v=DMARC1; .*|v=spf1[^\u00a0]*|proxy_set_header .*"
)
# What is to be typed into a terminal stands as it is typed.
TO_TYPE = {"messages.usage"}

# What card and CRM show a rep when something could not be done.
PROBLEMS = [
    *("card.not_prepared", "card.stripe_differs", "card.stripe_failed", "card.no_methods"),
    *("card.mail_failed", "card.told_nobody", "card.team_not_told", "card.crm_behind"),
    *("card.news_unread", "card.stage_refused", "card.too_late"),
    *(key for key in FRENCH if key.startswith("billing.") and "stripe_" not in key),
]


def test_french_is_spaced_as_french() -> None:
    found = {key: WRONGLY_SPACED.findall(TYPED.sub("", text)) for key, text in FRENCH.items()}

    assert {key: marks for key, marks in found.items() if marks} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", PROBLEMS)
def test_problem_says_what_happened_and_what_to_do(language: str, key: str) -> None:
    words = catalogue(language)[key].removesuffix("({reason})").rstrip()

    happened, _, to_do = words.partition("» " if "»" in words else "” " if "”" in words else ". ")
    assert happened
    assert re.fullmatch(r"[A-Z].{15,}\.", to_do)


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_are_those_of_print(language: str) -> None:
    typed = {key for key, text in catalogue(language).items() if set("'\"") & set(text)}

    promised = {"page.accept.card", "page.accept.sepa_debit"}
    assert typed <= {*promised, *TO_TYPE}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_has_words_for_colleagues(language: str) -> None:
    for status in set(ProposalStatus) - UNSENT:
        assert say(language, f"colleague.status.{status}")
    for money in MoneyStatus:
        assert say(language, f"colleague.money.{money}")
