"""Turns a country's name, as people write it, into the code that vendors take."""

import unicodedata
from functools import cache

from babel import Locale
from babel.core import get_global

from app.language import LANGUAGES

NAMED_IN = (*LANGUAGES, "de", "es", "it", "nl", "pt")
# Codes in Unicode's list that are no countries: unions, remote islands, test regions.
NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())


def country_code(text: str) -> str:
    """The ISO 3166 code of a country's name or code, "" where we do not know it.

    "France", "ÉTATS-UNIS", "Deutschland", "fr" and "USA" are known.
    """
    return _codes().get(_plain(text), "")


@cache
def _codes() -> dict[str, str]:
    names = _names()
    codes = {code.casefold(): code for code in names.values()}
    others = get_global("territory_aliases").items()
    # A former country that became several has no one code.
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
    """Without case, accents and punctuation, which people write differently."""
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum()
    )
