"""The proposal's ladder, square by square."""

from __future__ import annotations

import pytest

from app.proposals.lifecycle import FOLLOWS, OPEN, UNSENT, ProposalStatus, shown_in_crm
from tests.ladders import read_ladder

# A row is where the proposal stands, a column where it would go; `x` may be.
LADDER = read_ladder(
    """
              draft  refused  sent  accepted  declined  expired  withdrawn
    draft       .       x      x       .         .         .         .
    refused     .       .      .       .         .         .         .
    sent        .       .      .       x         x         x         x
    accepted    .       .      .       .         .         .         .
    declined    .       .      .       .         .         .         .
    expired     .       .      .       .         .         .         .
    withdrawn   .       .      .       .         .         .         .
    """
)
SHOWN = {
    None: "not_created",
    "draft": "not_created",
    "refused": "not_created",
    "sent": "sent",
    "accepted": "accepted",
    "declined": "declined",
    "expired": "expired",
    "withdrawn": "withdrawn",
}


def test_table_knows_every_status() -> None:
    statuses = {status.value for status in ProposalStatus}

    assert {current for current, _ in LADDER} == statuses
    assert {following for _, following in LADDER} == statuses
    assert set(SHOWN) - {None} == statuses


@pytest.mark.parametrize(("current", "following"), LADDER)
def test_proposal_goes_where_the_table_says(current: str, following: str) -> None:
    allowed = FOLLOWS[ProposalStatus(current)]

    assert (ProposalStatus(following) in allowed) is LADDER[current, following]


@pytest.mark.parametrize(("status", "shown"), SHOWN.items())
def test_crm_shows_what_left_the_house(status: str | None, shown: str) -> None:
    assert shown_in_crm(status) == shown


def test_button_is_away_while_an_answer_may_come_or_came() -> None:
    assert {"draft", "sent", "accepted"} == OPEN
    assert {"draft", "refused"} == UNSENT
