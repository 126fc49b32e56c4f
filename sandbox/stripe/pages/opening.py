"""Find whose object a page shows: hosted pages carry an id and no key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import abort, render_template, request

from sandbox.stripe import money
from sandbox.stripe.accounts import NAMES
from sandbox.stripe.books import Books
from sandbox.stripe.pages.words import WORDS

if TYPE_CHECKING:
    from sandbox.stripe.books import Record

OpenBooks = Callable[[str], Books]


def owner_of(open_books: OpenBooks, kind: str, key: str) -> tuple[Books, Record]:
    """The books and the object; a 404 page when no account has it."""
    for account in NAMES:
        books = open_books(account)
        found = books.find(kind, key)
        if found:
            return books, found
    return abort(404)


def language(wished: str | None) -> str:
    """`fr` or `en`: the object's own locale, else the browser's."""
    if wished and wished != "auto":
        return "fr" if wished.startswith("fr") else "en"
    return request.accept_languages.best_match(["fr", "en"], "en") or "en"


def render(template: str, books: Books, lang: str, **values: Any) -> str:
    """One page with its words and its seller's name."""
    words = WORDS[lang]

    def amount(minor: int, currency: str) -> str:
        return money.shown(minor, currency, lang)

    return render_template(
        f"stripe/{template}",
        lang=lang,
        w=words,
        seller=NAMES[books.account],
        amount=amount,
        **values,
    )
