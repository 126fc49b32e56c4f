"""What a frozen document bills, and the calendar of its charges."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing.mirrors import buyer_key, buyer_of, rate_key
from app.billing.plan import add_months, billing_plan, charge_calendar
from tests.factories import VAT, make_company, make_document, make_line

PRODUCTS = {"name:Poste dédié": "prod_1", "name:Frais": "prod_2"}
RATES = {VAT.id: "txr_1"}


@pytest.mark.parametrize(
    ("day", "count", "later"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-05-31", 0, "2026-05-31"),
    ],
)
def test_months_keep_the_day_or_take_the_last(day: str, count: int, later: str) -> None:
    assert add_months(date.fromisoformat(day), count) == date.fromisoformat(later)


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(0, 60))
def test_months_never_skip_or_repeat_one(day: date, count: int) -> None:
    later = add_months(day, count)

    assert (later.year - day.year) * 12 + later.month - day.month == count
    assert later.day <= day.day


def test_monthly_calendar_starts_on_the_31st_each_time() -> None:
    charges = charge_calendar(make_document(), date(2026, 1, 31))

    assert len(charges) == 12
    assert [charge.on.isoformat() for charge in charges[:4]] == [
        *("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30")
    ]
    assert {charge.minor for charge in charges} == {54_000}


def test_fee_stands_in_the_first_charge_only() -> None:
    fee = make_line(name="Frais", frequency="", price="150.00")

    charges = charge_calendar(make_document([make_line(), fee]), date(2026, 3, 1))

    assert [charge.minor for charge in charges[:3]] == [72_000, 54_000, 54_000]


def test_yearly_calendar_shows_three_years() -> None:
    charges = charge_calendar(make_document([make_line(frequency="annually")]), date(2024, 2, 29))

    assert [charge.on.isoformat() for charge in charges] == [
        *("2024-02-29", "2025-02-28", "2026-02-28")
    ]


def test_one_off_is_charged_once() -> None:
    charges = charge_calendar(make_document([make_line(frequency="")]), date(2026, 3, 1))

    assert [(charge.on, charge.minor) for charge in charges] == [(date(2026, 3, 1), 54_000)]


def test_plan_parts_recurring_from_one_off_lines() -> None:
    fee = make_line(name="Frais", frequency="", price="150.00", tax_rate_id="")

    plan = billing_plan(make_document([make_line(quantity="2"), fee]), PRODUCTS, RATES)

    assert (plan.currency, plan.interval) == ("EUR", "month")
    [monthly], [once] = plan.recurring, plan.one_off
    assert (monthly.product_id, monthly.unit_minor, monthly.quantity) == ("prod_1", 45_000, 2)
    assert (monthly.tax_rate_id, once.tax_rate_id) == ("txr_1", None)
    assert (once.product_id, once.unit_minor, once.description) == ("prod_2", 15_000, "Frais")


def test_plan_adds_up_to_the_documents_net() -> None:
    lines = [make_line(price="9.99", quantity="1.5"), make_line(price="0.333", quantity="3")]
    document = make_document(lines)

    plan = billing_plan(document, PRODUCTS, RATES)

    billed = sum(line.unit_minor * line.quantity for line in plan.recurring)
    assert billed == document["due_now"]["net_minor"]


def test_company_buys_where_there_is_one() -> None:
    assert buyer_key("601", "501") == "company:601"
    assert buyer_key(None, "501") == "contact:501"
    assert buyer_of(make_document(company=make_company())) == "company:601"
    assert buyer_of(make_document()) == "contact:501"


def test_changed_percentage_is_another_tax_rate() -> None:
    line = make_document()["lines"][0]

    assert rate_key(line) == "55:20"
    assert rate_key({**line, "tax_percentage": "21"}) != rate_key(line)
