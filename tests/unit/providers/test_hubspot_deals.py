"""HubSpot's JSON of a deal, read into a snapshot."""

from typing import Any

import pytest

from app.providers.hubspot import deals
from app.providers.hubspot.authorize import SCOPES, authorize_url, code_challenge
from app.providers.hubspot.properties import PROPERTIES


def make_line(identity: str = "1", **properties: str | None) -> dict[str, Any]:
    return {"id": identity, "properties": properties}


def read_lines(*lines: dict[str, Any]) -> tuple[Any, ...]:
    return deals.snapshot({"id": "5", "properties": {}}, [], [], lines, {}).lines


def test_absent_properties_become_empty_text() -> None:
    (line,) = read_lines(make_line(name="Desk", price=None))

    assert (line.name, line.price, line.currency) == ("Desk", "", "")
    assert line.unsupported == {}


def test_lines_stand_in_the_quotes_order() -> None:
    lines = read_lines(
        make_line("10"),
        make_line("9"),
        make_line("1", hs_position_on_quote="2"),
        make_line("2", hs_position_on_quote="0"),
    )

    assert [line.id for line in lines] == ["2", "1", "9", "10"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hs_recurring_billing_period", "P12M"),
        ("hs_recurring_billing_start_date", "2026-12-01"),
        ("hs_billing_start_delay_days", "30"),
        ("hs_pricing_model", "graduated"),
        ("hs_allow_buyer_selected_quantity", "true"),
    ],
)
def test_terms_that_change_the_price_are_named(name: str, value: str) -> None:
    (line,) = read_lines(make_line(**{name: value}))

    assert line.unsupported == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hs_pricing_model", "FLAT"),
        ("hs_billing_start_delay_days", "0"),
        ("hs_allow_buyer_selected_quantity", "false"),
        ("hs_tier_prices", "[]"),
    ],
)
def test_terms_that_change_nothing_are_not_named(name: str, value: str) -> None:
    (line,) = read_lines(make_line(**{name: value}))

    assert line.unsupported == {}


def test_labelled_association_is_one_contact() -> None:
    twice = [{"id": "7", "type": "deal_to_contact"}, {"id": "7", "type": "billing_contact"}]

    assert deals.associated_ids({"associations": {"contacts": {"results": twice}}}, "contacts") == [
        "7"
    ]


def test_primary_company_is_taken_before_the_others() -> None:
    listed = [
        {"id": "1", "type": "deal_to_company_unlabeled"},
        {"id": "2", "type": "deal_to_company_unlabeled"},
        {"id": "2", "type": "deal_to_company"},
    ]

    assert deals.primary_company_id({"associations": {"companies": {"results": listed}}}) == "2"
    assert deals.primary_company_id({}) is None


def test_company_keeps_the_country_people_wrote_beside_its_code() -> None:
    written = {"id": "1", "properties": {"country": "France", "hs_country_code": "FR"}}
    only_code = {"id": "2", "properties": {"country": None, "hs_country_code": "FR"}}

    read = [
        deals.snapshot({"id": "5", "properties": {}}, [], [c], [], {}).company
        for c in (written, only_code)
    ]

    assert [(c.country, c.country_code) for c in read if c] == [("France", "FR"), ("FR", "FR")]


def test_text_that_breaks_stores_is_cleaned() -> None:
    (line,) = read_lines(make_line(name=" a\0b\ud800 "))

    assert line.name == "ab?"


def test_authorize_url_spells_spaces_as_percent_twenty() -> None:
    url = authorize_url("https://app.hubspot.com/", "id", "https://us.example/cb", "s t", "v" * 43)

    assert url.startswith("https://app.hubspot.com/oauth/authorize?client_id=id&")
    assert "scope=oauth%20crm.objects.deals.read" in url
    assert "&state=s%20t&" in url


def test_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_scope_is_asked_for_once() -> None:
    assert len(set(SCOPES)) == len(SCOPES)


def test_every_option_has_the_four_required_keys() -> None:
    options = [option for made in PROPERTIES for option in made.get("options", [])]

    assert options
    assert all(set(option) == {"label", "value", "displayOrder", "hidden"} for option in options)
