"""Why something failed: said in both languages, never in our English or a vendor's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from app.errors import FailureKind, ProviderError
from app.language import LANGUAGES, catalogue
from app.reasons import Reason, reason_of
from tests.test_architecture import nodes
from tests.values import NOON, make_claimed
from workers.jobs import BUG_TRIES, LOCKED_OUT, MOST_DEATHS, GiveUp, after_failure, before_attempt

ROOT = Path(__file__).parents[2]
PROVIDERS = ("hubspot", "stripe", "slack", "email")
ENGLISH = "Our own English words, or a vendor's."
KINDS = list(product(PROVIDERS, FailureKind))
NAMED = sorted(
    tuple(key.split(".")[1:])
    for key in catalogue("en")
    if key.startswith("reason.") and key.split(".")[1] in PROVIDERS
)


def failed(provider: str, kind: FailureKind, code: str | None = None) -> ProviderError:
    return ProviderError(provider, kind, ENGLISH, code=code, status=400, detail="customer_write")


def keys_in_code() -> Iterator[str]:
    """Each `Reason("key"...)` that the product writes down."""
    for part in ("app", "workers"):
        for path in (ROOT / part).rglob("*.py"):
            for node in nodes(path.relative_to(ROOT).as_posix()):
                match node:
                    case ast.Call(ast.Name("Reason"), [ast.Constant(str() as key), *_]):
                        yield key


def check(reason: Reason) -> None:
    french, english = (reason.said(language) for language in LANGUAGES)
    assert french != english
    assert ENGLISH not in french + english
    assert "{" not in french + english


@pytest.mark.parametrize(("provider", "kind"), KINDS)
def test_every_failure_is_said_in_both_languages(provider: str, kind: FailureKind) -> None:
    check(reason_of(failed(provider, kind, "a_code_nobody_knows")))
    check(reason_of(failed(provider, kind)))


@pytest.mark.parametrize(("provider", "code"), NAMED)
def test_code_with_its_own_sentence_is_said_so(provider: str, code: str) -> None:
    reason = reason_of(failed(provider, FailureKind.PERMANENT, code))

    assert reason.key == f"{provider}.{code}"
    check(reason)


@pytest.mark.parametrize("code", sorted({code for _, code in NAMED}))
def test_code_with_its_own_sentence_exists_somewhere(code: str) -> None:
    """In our own code or, where the vendor's word is passed on, in the sandbox that says it."""
    folders = ("app/providers", "app/accounts", "sandbox")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert any(f'"{code}"' in path.read_text("utf-8") for path in sources)


def test_words_in_place_of_a_code_are_not_passed_on() -> None:
    reason = reason_of(failed("hubspot", FailureKind.PERMANENT, ENGLISH))

    assert reason.said("en") == "HubSpot refused the request, code 400."


def test_missing_permission_is_named() -> None:
    reason = reason_of(failed("stripe", FailureKind.AUTH, "missing_permission"))

    assert reason.said("fr") == "Il manque une permission à la clé de Stripe\u00a0: customer_write"


def test_reasons_written_down_are_known() -> None:
    keys = set(keys_in_code())

    assert keys >= {"died", "unsure", "patience", "ours"}
    assert {f"reason.{key}" for key in keys} <= set(catalogue("fr"))


def verdicts() -> Iterator[object]:
    """Every way to give a message up."""
    mail = make_claimed(provider="email", kind="email.rep_paid", bugs=BUG_TRIES, doubts=2)
    yield before_attempt(make_claimed(deaths=MOST_DEATHS))
    yield before_attempt(mail)
    yield after_failure(KeyError(ENGLISH), mail, NOON, worked=False)
    for provider, kind in KINDS:
        for age in (timedelta(0), timedelta(days=40)):
            error = failed(provider, kind)
            failing = make_claimed(failing_since=NOON)
            locked_out = make_claimed(failing_since=NOON, waits_for=provider)
            waits = kind in LOCKED_OUT
            failing = locked_out if waits else failing
            yield after_failure(error, failing, NOON + age, worked=False)


def test_every_end_of_a_message_is_said_in_both_languages() -> None:
    ends = [verdict for verdict in verdicts() if isinstance(verdict, GiveUp)]

    assert len(ends) == 3 + len(PROVIDERS) * (len(FailureKind) + 1)
    for end in ends:
        check(end.reason)
