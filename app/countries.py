"""A country as a person wrote it, as the code that vendors take."""

import unicodedata
from functools import cache

from babel import Locale
from babel.core import get_global

from app.language import LANGUAGES

NAMED_IN = (*LANGUAGES, "de", "es", "it", "nl", "pt")
# What the Unicode lists beside countries: unions, lone islands, its own test regions.
NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())


def country_code(text: str) -> str:
    """The ISO 3166 code of a country's name or code, "" where it is none we know.

    "France", "ÉTATS-UNIS", "Deutschland", "fr" and "USA" are known.
    """
    return _codes().get(_plain(text), "")


@cache
def _codes() -> dict[str, str]:
    names = _names()
    codes = {code.casefold(): code for code in names.values()}
    others = get_global("territory_aliases").items()
    # One that has become several countries names none of them.
    one = {_plain(old): new[0] for old, new in others if old.isalpha() and len(new) == 1}
    return {old: code for old, code in one.items() if code in names.values()} | codes | names


def _names() -> dict[str, str]:
    listed = (Locale.parse(language).territories for language in NAMED_IN)
    return {
        _plain(name): code
        for territories in listed
        for code, name in territories.items()
        if code.isalpha() and code not in NO_COUNTRIES
    }


def _plain(text: str) -> str:
    """Without case, accents and punctuation, of which nobody is sure."""
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum()
    )
