"""The register of calls: which function plays `POST /v1/x`, and which parameters it plays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.stripe.errors import StripeError, not_played
from sandbox.stripe.played import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.stripe.books import Books, Params

    Play = Callable[..., Any]


@dataclass(frozen=True)
class Call:
    """One operation; `answers` names the object it gives, `many` says whether it is a list."""

    operation: str
    play: Play
    answers: str
    many: bool
    plays: frozenset[str]

    def refuse_unplayed(self, params: Params) -> None:
        """A parameter that real Stripe obeys must not be ignored in silence."""
        for path in _paths(params):
            if not any(path == known or path.startswith(f"{known}.") for known in self.plays):
                raise not_played(f"the parameter {path} of {self.operation}", path)


_CALLS: dict[str, Call] = {}
_ALWAYS = ("expand", "metadata")
_LISTED = ("limit", "starting_after", "ending_before")
_ROUTES = [
    (method, template, re.compile(re.sub(r"\{[^}]+\}", "([^/]+)", template)))
    # Fixed paths come before those with an id in them.
    for method, template in sorted(OPERATIONS, key=lambda operation: operation[1].count("{"))
]


def call(operation: str, answers: str, *, plays: str = "") -> Callable[[Play], Play]:
    """Register a function `(books, params, *ids_of_the_path) -> object`; `plays` is a word list."""

    def register(play: Play) -> Play:
        _CALLS[operation] = Call(
            operation, play, answers, many=False, plays=frozenset({*_ALWAYS, *plays.split()})
        )
        return play

    return register


def list_call(operation: str, answers: str, *, plays: str = "") -> Callable[[Play], Play]:
    """Register a function that returns the whole list, newest first, for paging afterwards."""

    def register(play: Play) -> Play:
        words = frozenset({*_ALWAYS, *_LISTED, *plays.split()})
        _CALLS[operation] = Call(operation, play, answers, many=True, plays=words)
        return play

    return register


def find(method: str, path: str) -> tuple[Call, list[str]]:
    """Return the call and the ids in its path; raise Stripe's 404 for anything unknown."""
    for known, template, pattern in _ROUTES:
        match = pattern.fullmatch(path) if known == method else None
        if match and f"{method} {template}" in _CALLS:
            return _CALLS[f"{method} {template}"], list(match.groups())
    raise StripeError(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we "
        "can help at https://support.stripe.com/.",
        status=404,
    )


def registered() -> set[str]:
    """The operations that have a function."""
    return set(_CALLS)


def _paths(value: Any, where: str = "") -> Iterator[str]:
    """`items.price_data.currency` and so on: the leaves that were given, list indexes left out."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _paths(item, f"{where}.{key}" if where else key)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _paths(item, where)
    elif where:
        yield where


def play(chosen: Call, books: Books, params: Params, ids: list[str]) -> Any:
    """Run the function of a call."""
    return chosen.play(books, params, *ids)
