"""What a fuzzer sends, and what must hold for every answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.db import Database
from tests.support.contents import counts

Case = TypeVar("Case")

# Refused with a sentence is well; "our side went wrong" and "the database is away" are not.
FAULTS = {500, 501, 503, 504}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# What has broken parsers before: ends of strings and lines, other digits, half characters, markup.
WEIRD = [
    *("", "\0", "\r\nX-Evil: 1", "\n", "\x7f", "\u2028", "\ufeff", "\u202e", "%00", "%", "%zz"),
    *("²", "١٢٣", "-1", "0", "1e999", "NaN", "9" * 25, "9" * 5000, "../../etc/passwd", "//evil"),
    *("{{7*7}}", "<script>", "'\"`;--", "é" * 300, "🦄", "null", "[]", "{}", "on", "true"),
]
texts = st.one_of(st.text(max_size=60), st.sampled_from(WEIRD))
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)
DEEP = ["[" * 20_000, "[" * 900 + "]" * 900, '{"a":' * 5_000 + "1" + "}" * 5_000]
bodies = st.one_of(
    trees.map(lambda tree: json.dumps(tree).encode()),
    st.binary(max_size=80),
    st.sampled_from([deep.encode() for deep in DEEP]),
)


def play(strategy: st.SearchStrategy[Case], check: Callable[[Case], object], times: int) -> None:
    """Check `times` generated cases; the few of a normal run are always the same ones."""

    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        derandomize=times < 1000,
        phases=[Phase.explicit, Phase.generate, Phase.target, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(case: Case) -> None:
        check(case)

    run()


def sound(answer: TestResponse) -> TestResponse:
    """The answer is no fault of ours and carries its headers."""
    assert answer.status_code not in FAULTS, answer.text[-300:]
    if answer.data:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    return answer


class Rows:
    """The tables' row counts since the beginning of a test."""

    def __init__(self, database: Database) -> None:
        self._database, self._before = database, counts(database)

    def grown(self) -> dict[str, int]:
        """How many rows more (or fewer) each changed table has."""
        after = counts(self._database)
        return {n: after[n] - b for n, b in self._before.items() if after[n] != b}


def known(*values: Any) -> st.SearchStrategy[Any]:
    """Mostly what is right, so that the rest of the case is read at all."""
    return st.one_of(st.sampled_from(values), st.sampled_from(values), texts)
