"""Which payment methods a proposal offers."""

import pytest

from app.methods import METHODS, methods_for


@pytest.mark.parametrize(
    ("currency", "switched_on", "offered"),
    [
        ("EUR", {"sepa_debit", "card"}, ["card", "sepa_debit"]),
        ("EUR", {"sepa_debit"}, ["sepa_debit"]),
        ("EUR", {"card", "ideal"}, ["card"]),
        ("GBP", set(METHODS), ["card"]),
        ("GBP", {"sepa_debit"}, []),
        ("EUR", set(), []),
    ],
)
def test_method_is_offered_where_it_can_be_charged(
    currency: str, switched_on: set[str], offered: list[str]
) -> None:
    assert methods_for(currency, switched_on) == offered
