"""What we wrote beside what HubSpot gives back, which words it otherwise."""

import pytest

from app.providers.hubspot.comparison import otherwise

SAME = [
    ("propale_amount_due_now", "540.00", "540.00"),
    ("propale_amount_due_now", "540.00", "540"),
    ("propale_amount_due_now", "540", "5.4E+2"),
    ("propale_sent_at", "1773140400000", "2026-03-10T11:00:00.000Z"),
    ("propale_sent_at", "1773140400000", "2026-03-10T11:00:00Z"),
    ("propale_sent_at", "1773140400000", "1773140400000"),
    ("propale_sent_at", "", None),
    ("propale_problem", "Carte refusée.", " Carte refusée. "),
    ("propale_problem", "", None),
    ("propale_status", "sent", "sent"),
]
OTHER = [
    ("propale_amount_due_now", "540.00", "540.01"),
    ("propale_amount_due_now", "540.00", None),
    ("propale_amount_due_now", "540.00", "soon"),
    ("propale_sent_at", "1773140400000", "2026-03-10T11:00:01Z"),
    ("propale_sent_at", "1773140400000", "yesterday"),
    ("propale_status", "sent", "accepted"),
    ("propale_number", "0540", "540"),
    ("propale_problem", "", "Carte refusée."),
]


@pytest.mark.parametrize(("name", "written", "read"), SAME)
def test_same_value_in_other_words_is_no_difference(
    name: str, written: str, read: str | None
) -> None:
    assert otherwise({name: written}, {name: read}) == {}


@pytest.mark.parametrize(("name", "written", "read"), OTHER)
def test_other_value_is_given_as_it_stands(name: str, written: str, read: str | None) -> None:
    assert otherwise({name: written}, {name: read}) == {name: read or ""}


def test_property_that_we_did_not_write_is_not_looked_at() -> None:
    assert otherwise({"propale_status": "sent"}, {"propale_status": "sent", "amount": "1"}) == {}
