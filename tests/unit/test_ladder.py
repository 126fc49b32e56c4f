"""The money's ladder, square by square, and what an invoice says of it."""

from __future__ import annotations

import pytest

from app.billing.ladder import METHOD_OPEN, MoneyStatus, after_invoice, may_follow
from tests.ladders import read_ladder

# A row is where the money stands, a column where news would bring it; `x` may be.
LADDER = read_ladder(
    """
                    awaiting_method held action_needed pending failed paid past_due refunded disputed cancelled
    awaiting_method        .         x        x           x      x     x      .        .        .         x
    held                   .         x        x           x      x     x      .        .        .         x
    action_needed          .         .        .           x      x     x      .        .        .         x
    pending                .         .        x           .      x     x      .        .        .         x
    failed                 .         .        x           x      .     x      .        .        .         x
    paid                   .         .        .           .      .     .      x        x        x         x
    past_due               .         .        .           .      .     x      .        x        x         x
    refunded               .         .        .           .      .     .      .        .        x         x
    disputed               .         .        .           .      .     x      .        x        .         x
    cancelled              .         .        .           .      .     .      .        x        x         .
    """  # noqa: E501 - a square
)


def test_table_knows_every_status() -> None:
    statuses = {status.value for status in MoneyStatus}

    assert {current for current, _ in LADDER} == statuses
    assert {following for _, following in LADDER} == statuses


@pytest.mark.parametrize(("current", "following"), LADDER)
def test_money_goes_where_the_table_says(current: str, following: str) -> None:
    assert may_follow(current, following) is LADDER[current, following]


def test_nothing_leads_back_before_the_first_payment() -> None:
    after = {"paid", "past_due", "refunded", "disputed", "cancelled"}
    before = {status.value for status in MoneyStatus} - after

    assert not any(LADDER[current, following] for current in after for following in before)


def test_method_may_be_chosen_only_while_nothing_is_on_its_way() -> None:
    assert {"awaiting_method", "held", "failed", "action_needed"} == METHOD_OPEN


# Stripe's invoice and payment, whether the bank waits for her -> first invoice, renewal.
NEWS = [
    ("draft", None, False, None, None),
    ("open", "processing", False, "pending", None),
    ("open", "requires_action", True, "action_needed", "past_due"),
    ("open", "requires_payment_method", True, "action_needed", "past_due"),
    ("open", "requires_payment_method", False, "failed", "past_due"),
    ("open", None, False, "failed", "past_due"),
    ("paid", "succeeded", False, "paid", "paid"),
    ("paid", None, False, "paid", "paid"),
    ("void", "canceled", False, None, None),
    ("uncollectible", "requires_payment_method", False, None, None),
]


@pytest.mark.parametrize(("invoice", "payment", "person", "first", "renewal"), NEWS)
def test_invoice_says_where_the_money_stands(
    invoice: str, payment: str | None, person: bool, first: str | None, renewal: str | None
) -> None:
    said = [
        after_invoice(invoice, payment, needs_person=person, first=is_first)
        for is_first in (True, False)
    ]

    assert said == [first, renewal]
