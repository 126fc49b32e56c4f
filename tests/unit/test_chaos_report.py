"""A storm's exit status and its table: red for a finding, a late recovery or an open trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.chaos.books import Books, Money
from tests.chaos.recovery import Recovery
from tests.chaos.report import report
from tests.chaos.run import Run
from tests.chaos.sales import REPS, Sale

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

VISITOR = Sale("0001", *REPS[0], way=("card_ok",), lines=[])


@pytest.fixture
def run() -> Run:
    """A storm that is over; its processes are gone."""
    return Run(cast("Stage", None), seconds=20, seed=1)


def test_quiet_end_is_green(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.recovered = [Recovery(15.2, "slack.paid", 15.2), Recovery(24.0, "slack.paid", 9.0)]

    assert report(run, Books([VISITOR])) == 0

    said = capsys.readouterr().out
    assert "15.2 s" in said
    assert "Nothing lost, doubled or wrong." in said


def test_finding_is_red_and_named(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    books = Books([VISITOR], charges=[Money("0001", "succeeded", 5)])

    assert report(run, books) == 1

    assert "WRONG 0001: a charge without an acceptance" in capsys.readouterr().out


def test_late_recovery_is_red_and_named(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.recovered = [Recovery(15.0, "slack.paid", 15.0), Recovery(30.0, "slack.accepted", 20.1)]

    assert report(run, Books([])) == 1

    assert "LATE: slack.accepted was taken up again 20.1 s" in capsys.readouterr().out


def test_trouble_is_red_and_named(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.troubles = ["0001 never came to an end"]

    assert report(run, Books([])) == 1

    assert "TROUBLE 0001 never came to an end" in capsys.readouterr().out
