"""A country's name, however it was written, as the code that vendors take."""

from __future__ import annotations

import pytest
from babel import Locale

from app.countries import NAMED_IN, NO_COUNTRIES, country_code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("France", "FR"),
        (" FRANCE ", "FR"),
        ("fr", "FR"),
        ("United Kingdom", "GB"),
        ("Royaume-Uni", "GB"),
        ("UK", "GB"),
        ("Deutschland", "DE"),
        ("Österreich", "AT"),
        ("Italia", "IT"),
        ("États-Unis", "US"),
        ("etats unis", "US"),
        ("USA", "US"),
        ("Côte d'Ivoire", "CI"),
        ("Japon", "JP"),
        ("Kosovo", "XK"),
    ],
)
def test_country_people_wrote_is_its_code(written: str, code: str) -> None:
    assert country_code(written) == code


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "XX",
        "zz",
        "EU",
        "Union européenne",
        "IC",
        "SU",
        "250",
        "Lyon",
        "France métro",
        "日",
    ],
)
def test_what_is_no_country_stays_out(written: str) -> None:
    assert country_code(written) == ""


@pytest.mark.parametrize("language", NAMED_IN)
def test_no_two_countries_have_one_name(language: str) -> None:
    names = Locale.parse(language).territories
    countries = {c: n for c, n in names.items() if c.isalpha() and c not in NO_COUNTRIES}

    assert len(countries) == 250  # ISO 3166-1 has 249, and Kosovo
    assert {code: country_code(name) for code, name in countries.items()} == {
        c: c for c in countries
    }
