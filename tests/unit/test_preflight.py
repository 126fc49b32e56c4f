"""The pre-flight: every problem with its sentence, all of them at once, and who may receive."""

from __future__ import annotations

from typing import Any

import pytest

from app.language import LANGUAGES
from app.proposals.card_view import shown_problem
from app.proposals.preflight import Preflight, preflight
from app.snapshot import TaxRate
from tests.factories import VAT, make_line
from tests.values import make_contact, make_facts, make_snapshot, plain

OLD = TaxRate("19", "TVA 19,6", "19.6", active=False)


def check(deal: dict[str, Any], facts: dict[str, Any] | None = None) -> Preflight:
    return preflight(make_snapshot(**deal), make_facts(**(facts or {})))


def of_line(**overrides: Any) -> dict[str, Any]:
    return {"lines": (make_line(**{"amount": "", **overrides}),)}


def codes(found: Preflight) -> list[str]:
    return [problem.code for problem in found.problems]


# What is wrong -> the one problem it makes, and what to look at in HubSpot.
FACTS: list[tuple[dict[str, Any], str, str]] = [
    ({"stripe_connected": False}, "stripe_missing", "stripe"),
    ({"mail_ready": False}, "mail_missing", "mail"),
    ({"seller_named": False}, "seller_missing", "seller"),
    ({"modes_agree": False}, "modes_mixed", "stripe"),
]
DEALS: list[tuple[dict[str, Any], str, str]] = [
    ({"contacts": ()}, "no_contact", "contacts"),
    ({"contacts": (make_contact(email=""),)}, "email_missing", "email"),
    ({"contacts": (make_contact(email="jeanne@martin"),)}, "email_malformed", "email"),
    ({"lines": ()}, "no_lines", "line_items"),
    (
        {"currency": "euro", "lines": (make_line(currency=""),)},
        "currency_missing",
        "deal_currency_code",
    ),
    ({"lines": (make_line(),) * 21}, "too_many_lines", "line_items"),
    (
        {"lines": (make_line(), make_line(frequency="annually"))},
        "several_intervals",
        "recurringbillingfrequency",
    ),
]
LINES: list[tuple[dict[str, Any], str, str]] = [
    ({"name": " "}, "name_missing", "name"),
    ({"price": ""}, "price_missing", "price"),
    ({"price": "a lot"}, "price_missing", "price"),
    ({"price": "-1"}, "price_negative", "price"),
    ({"price": "10", "unit_discount": "11"}, "price_negative", "price"),
    ({"discount_percentage": "101"}, "price_negative", "price"),
    ({"price": "1e30"}, "price_missing", "price"),
    ({"price": "1e1000000"}, "price_missing", "price"),
    ({"price": "1e-1000000"}, "price_missing", "price"),
    ({"quantity": "1e30"}, "quantity_wrong", "quantity"),
    ({"quantity": "0"}, "quantity_wrong", "quantity"),
    ({"quantity": "-2"}, "quantity_wrong", "quantity"),
    ({"quantity": "two"}, "quantity_wrong", "quantity"),
    ({"unit_discount": "some"}, "discount_wrong", "discount"),
    ({"discount_percentage": "some"}, "discount_wrong", "percent"),
    ({"frequency": "weekly"}, "frequency_unsupported", "recurringbillingfrequency"),
    ({"unsupported": {"hs_term": "P1Y"}}, "property_unsupported", "hs_term"),
    ({"currency": "GBP"}, "currencies_mixed", "hs_line_item_currency_code"),
    ({"tax_rate_id": "404"}, "tax_rate_unknown", "hs_tax_rate_group_id"),
    ({"tax_rate_id": OLD.id}, "tax_rate_unknown", "hs_tax_rate_group_id"),
    ({"amount": "450.02"}, "amount_differs", "amount"),
    ({"price": "0"}, "total_zero", "amount"),
    ({"price": "0.40"}, "total_too_small", "amount"),
    ({"price": "99999999999"}, "total_too_large", "amount"),
    ({"price": "9e11", "quantity": "9e11"}, "total_too_large", "amount"),
    ({"discount_percentage": "-9e11", "quantity": "9e11"}, "total_too_large", "amount"),
]
ALONE: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    *(({}, facts, code, at) for facts, code, at in FACTS),
    *((deal, {}, code, at) for deal, code, at in DEALS),
    *((of_line(**line), {}, code, at) for line, code, at in LINES),
    (
        of_line(price="1.001", currency="KWD", tax_rate_id="") | {"currency": "KWD"},
        {},
        "three_decimals",
        "price",
    ),
]


@pytest.mark.parametrize(
    ("deal", "facts", "code", "at"),
    ALONE,
    ids=[f"{code}-{n}" for n, (*_, code, _) in enumerate(ALONE)],
)
def test_problem_is_named_with_its_place(
    deal: dict[str, Any], facts: dict[str, Any], code: str, at: str
) -> None:
    rates = {VAT.id: VAT, OLD.id: OLD}

    found = check(deal, {"tax_rates": rates, **facts})

    assert [(problem.code, problem.at) for problem in found.problems] == [(code, at)]
    assert found.offers == ()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("deal", "facts"), [alone[:2] for alone in ALONE])
def test_problem_has_a_sentence_and_a_remedy(
    deal: dict[str, Any], facts: dict[str, Any], language: str
) -> None:
    [problem] = check(deal, {"tax_rates": {VAT.id: VAT, OLD.id: OLD}, **facts}).problems

    shown = shown_problem(problem, language)

    assert shown["message"].endswith((".", ")")) or ":" in shown["message"]
    assert shown["remedy"].endswith(".")
    assert "{" not in shown["message"] + shown["remedy"]


def test_figures_of_a_problem_are_written_as_in_its_language() -> None:
    [problem] = check({**of_line(amount="1450.5")}).problems

    french, english = (shown_problem(problem, language)["message"] for language in ("fr", "en"))

    assert "1 450,50 EUR" in plain(french)
    assert "450,00 EUR" in plain(french)
    assert "EUR 1,450.50" in plain(english)


def test_line_without_a_name_is_called_by_its_place() -> None:
    lines = (make_line(), make_line(id="20000000030", name=" ", price=""))

    unnamed, unpriced = check({"lines": lines}).problems

    assert unnamed.values == unpriced.values == {"line": "2"}


def test_every_problem_is_told_at_once() -> None:
    lines = (
        make_line(name="", price="", quantity="0", frequency="weekly", tax_rate_id="404"),
        make_line(currency="GBP", unit_discount="x", unsupported={"hs_term": "P1Y"}),
    )
    deal = {"contacts": (), "lines": lines}
    facts = {"stripe_connected": False, "mail_ready": False, "seller_named": False}

    found = check(deal, facts)

    assert codes(found) == [
        *("stripe_missing", "mail_missing", "seller_missing", "no_contact", "several_intervals"),
        *("name_missing", "price_missing", "quantity_wrong", "frequency_unsupported"),
        *("tax_rate_unknown", "discount_wrong", "property_unsupported", "currencies_mixed"),
    ]


def test_problem_names_its_line() -> None:
    [problem] = check(of_line(name="Casier", price="")).problems

    assert problem.values == {"line": "Casier"}


def test_ready_deal_has_one_offer() -> None:
    found = check({})

    assert codes(found) == []
    assert [offer.due_now.total_minor for offer in found.offers] == [54_000]
    assert found.offer_to("501") == found.offers[0]
    assert found.offer_to("502") is None


JEANNE = make_contact()
PAUL = make_contact(id="502", first_name="Paul", email="paul@atelier-martin.example")
COMPTA = make_contact(id="503", email="compta@atelier-martin.example", labels=("Facturation",))
COMPTA_2 = make_contact(id="504", email="compta2@atelier-martin.example", labels=("Facturation",))
NOBODY = make_contact(id="505", email="")
BROKEN = make_contact(id="506", email="jeanne@", labels=("Facturation",))


@pytest.mark.parametrize(
    ("contacts", "label", "recipients"),
    [
        ((JEANNE,), "Facturation", ["501"]),
        ((JEANNE, NOBODY), "Facturation", ["501"]),
        ((JEANNE, PAUL), "Facturation", ["501", "502"]),
        ((JEANNE, COMPTA), "Facturation", ["503"]),
        ((JEANNE, COMPTA), "facturation", ["503"]),
        ((JEANNE, COMPTA), "", ["501", "503"]),
        ((JEANNE, COMPTA, COMPTA_2), "Facturation", ["501", "503", "504"]),
        ((JEANNE, BROKEN), "Facturation", ["501"]),
    ],
)
def test_label_decides_between_recipients(
    contacts: tuple[Any, ...], label: str, recipients: list[str]
) -> None:
    found = check({"contacts": contacts}, {"billing_label": label})

    assert [offer.recipient.id for offer in found.offers] == recipients


def test_nobody_reachable_tells_each_contact() -> None:
    found = check({"contacts": (NOBODY, BROKEN)})

    assert codes(found) == ["email_missing", "email_malformed"]


@pytest.mark.parametrize(
    ("email", "good"),
    [
        ("a@b.fr", True),
        ("prenom.nom+devis@exemple.museum", True),
        ("prénom.nom@exemple.museum", False),  # no mail of ours could carry it
        ("a@b", False),
        ("a b@c.fr", False),
        ("a@b..fr", False),
        ("a@b.fr\r\nBcc: x@y.fr", False),
        ("a@b.fr\n", False),
        ("<a@b.fr>", False),
        ("a@b.fr,c@d.fr", False),
        ("a@@b.fr", False),
        ("a\u202e@b.fr", False),
        ("", False),
    ],
)
def test_address_is_one_plain_address(email: str, good: bool) -> None:
    found = check({"contacts": (make_contact(email=email),)})

    assert (codes(found) == []) is good


@pytest.mark.parametrize(("amount", "agrees"), [("450.01", True), ("449.99", True), ("", True)])
def test_one_minor_unit_from_hubspot_agrees(amount: str, agrees: bool) -> None:
    assert (codes(check(of_line(amount=amount))) == []) is agrees


def test_portal_currency_stands_in_for_the_deals() -> None:
    line = {"lines": (make_line(currency=""),), "currency": ""}

    [offer] = check(line, {"portal_currency": "GBP"}).offers

    assert offer.currency == "GBP"


def test_zero_line_beside_a_paid_one_is_fine() -> None:
    lines = (make_line(), make_line(frequency="", price="0", amount="0"))

    assert codes(check({"lines": lines})) == []


def test_recurring_zero_is_refused_beside_a_fee() -> None:
    lines = (make_line(price="0", amount=""), make_line(frequency="", amount="450.00"))

    assert codes(check({"lines": lines})) == ["total_zero"]


@pytest.mark.parametrize(
    ("currency", "price", "found"),
    [
        ("EUR", "0.49", ["total_too_small"]),
        ("EUR", "0.50", []),
        ("EUR", "999999.99", []),
        ("EUR", "1000000.00", ["total_too_large"]),
        ("JPY", "99999999", []),
        ("JPY", "100000000", ["total_too_large"]),
        ("IDR", "9999999999.99", []),
        ("IDR", "10000000000.00", ["total_too_large"]),
    ],
)
def test_total_keeps_within_stripes_bounds(currency: str, price: str, found: list[str]) -> None:
    line = of_line(price=price, quantity="1", currency=currency, tax_rate_id="")

    assert codes(check(line | {"currency": currency})) == found


def test_credit_in_stripe_is_a_warning() -> None:
    found = check({}, {"customer_credit": True})

    assert found.warnings == ("customer_credit",)
    assert found.offers
