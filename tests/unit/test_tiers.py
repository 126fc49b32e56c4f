"""The tier runner counts what ran and never hides what did not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import tiers

REPORT = """<testsuites><testsuite>
<testcase name="good"><properties><property name="played" value="168 of 42388"/></properties>
</testcase>
<testcase name="wrong"><failure message="1 != 2"/></testcase>
<testcase name="broken"><error message="no fixture"/></testcase>
<testcase name="known"><skipped type="pytest.xfail" message="later"/></testcase>
<testcase name="absent"><skipped type="pytest.skip" message="no chromium"/></testcase>
</testsuite></testsuites>"""
TIER = tiers.Tier("browser", 180)


def test_report_counts_errors_as_failed_and_tells_skips(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    result = tiers.Result(TIER)

    tiers.count(result, tmp_path / "report.xml")

    assert (result.passed, result.failed, result.skipped) == (2, 2, 1)
    assert result.left_out == ["no chromium"]
    assert result.word == "FAILED"
    assert result.told == ["168 of 42388"]


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_left_out_tests_fail_only_under_ci(
    ci: str, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)

    told = tiers.report([tiers.Result(TIER, passed=3, left_out=["no chromium"])])

    assert told == code
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("NOT COMPLETE: browser (no chromium)")


def test_failed_program_fails_the_run() -> None:
    assert tiers.report([tiers.Result(TIER, broken=["mypy"])]) == 1


def test_every_test_file_belongs_to_a_tier() -> None:
    assert tiers.homeless_files() == []
