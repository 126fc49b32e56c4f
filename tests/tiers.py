"""`./propale test`: every tier in order with its seconds, or a storm, or what pytest is told."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.support import machine

ROOT = Path(__file__).parents[1]
_PYTHON = (sys.executable, "-m")
_PROGRAMS = {"--chaos": "tests.chaos", "--stories": "tests.stories"}
_NO_TESTS = 5  # pytest's exit code
_SPREAD = ("-n", "2", "--dist", "loadfile")


@dataclass(frozen=True)
class Tier:
    """Programs to run, then pytest on the paths; `budget` in seconds, `spread` over two cores."""

    name: str
    budget: int
    paths: tuple[str, ...] = ()
    programs: tuple[tuple[str, ...], ...] = ()
    spread: bool = False


@dataclass
class Result:
    """How a tier went; `left_out` says what did not run and why, `told` what tests counted."""

    tier: Tier
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        if self.broken or self.failed:
            return "FAILED"
        return "incomplete" if self.left_out else "passed"


TIERS = (
    Tier(
        "lint",
        30,
        programs=(
            (*_PYTHON, "ruff", "check", ".", "propale"),
            (*_PYTHON, "ruff", "format", "--check", ".", "propale"),
            (*_PYTHON, "mypy"),
            (*_PYTHON, "mypy", "propale"),
        ),
    ),
    Tier("unit", 20, ("tests/unit", "tests/test_architecture.py"), spread=True),
    Tier("database", 60, ("tests/db",), spread=True),
    Tier("web", 60, ("tests/web",), spread=True),
    Tier("services", 60, ("tests/workers", "tests/contracts"), spread=True),
    Tier("faults", 60, ("tests/faults",), spread=True),
    Tier("storm", 90, programs=((*_PYTHON, "tests.chaos", "20"),)),
    Tier("card", 60, ("tests/cards",), programs=(("npm", "test"),)),
    Tier("browser", 180, ("tests/e2e",), spread=True),
)


def main(words: list[str]) -> int:
    """Run all tiers (or pytest with these words) and return the exit code."""
    missing = machine.missing_packages()
    if missing and machine.can_install():
        print(f"Installing {', '.join(missing)} from Debian.", flush=True)
        machine.install_packages(missing)
    print("\n".join(machine.describe()), flush=True)
    if program := _PROGRAMS.get(words[0] if words else ""):
        return subprocess.run([*_PYTHON, program, *words[1:]], cwd=ROOT, check=False).returncode
    options = [word for word in words if word == "--long"]
    if options != words:
        return subprocess.run([*_PYTHON, "pytest", "-rs", *words], cwd=ROOT, check=False).returncode
    results = [_run(tier, options) for tier in TIERS]
    return report(results)


def _run(tier: Tier, options: list[str]) -> Result:
    print(f"\n=== {tier.name} (budget {tier.budget} s)", flush=True)
    result, started = Result(tier), time.monotonic()
    for program in tier.programs:
        if subprocess.run(program, cwd=ROOT, check=False).returncode:
            result.broken.append(" ".join(program).removeprefix(f"{sys.executable} -m "))
    if tier.paths:
        _run_pytest(result, options)
    result.seconds = time.monotonic() - started
    return result


def _run_pytest(result: Result, options: list[str]) -> None:
    paths = [path for path in result.tier.paths if (ROOT / path).exists()]
    result.left_out += [f"{path} is missing" for path in result.tier.paths if path not in paths]
    if not paths:
        result.left_out.append("no tests")
        return
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        shown = ("--durations=5", "--durations-min=2", "-rs")
        spread = _SPREAD if result.tier.spread else ()
        command = [*_PYTHON, "pytest", f"--junitxml={report}", *shown, *spread, *options, *paths]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if report.exists():
            count(result, report)
    if code == _NO_TESTS:
        result.left_out.append("no tests")
    elif code and not result.failed:
        result.broken.append(f"pytest (exit code {code})")


def count(result: Result, report: Path) -> None:
    """Add up the test cases of a JUnit file; an expected failure has passed."""
    for case in ET.parse(report).iter("testcase"):
        result.told += [told.get("value", "") for told in case.iter("property")]
        skips = [skip for skip in case.iter("skipped") if skip.get("type") == "pytest.skip"]
        if case.find("failure") is not None or case.find("error") is not None:
            result.failed += 1
        elif skips:
            result.skipped += 1
            result.left_out += [skip.get("message", "skipped") for skip in skips]
        else:
            result.passed += 1


def report(results: list[Result]) -> int:
    """Print the table and what was left out; return the exit code."""
    print(f"\n{'tier':<10}{'result':<12}{'passed':>8}{'failed':>8}{'seconds':>9}{'budget':>8}")
    for result in results:
        late = "  over budget" if result.seconds > result.tier.budget else ""
        counts = f"{result.passed:>8}{result.failed:>8}{result.seconds:>9.1f}"
        print(f"{result.tier.name:<10}{result.word:<12}{counts}{result.tier.budget:>8}{late}")
        for program in result.broken:
            print(f"{'':10}failed: {program}")
        for told in result.told:
            print(f"{'':10}{told}")
    passed, failed, skipped = (
        sum(getattr(result, name) for result in results) for name in ("passed", "failed", "skipped")
    )
    print(f"\ntests: {passed} passed, {failed} failed, {skipped} skipped")
    left_out = _left_out(results)
    if left_out:
        print(f"NOT COMPLETE: {'; '.join(left_out)}")
    bad = any(result.word == "FAILED" for result in results)
    return 1 if bad or (left_out and os.environ.get("CI") == "true") else 0


def homeless_files() -> list[str]:
    """Name the test files that no tier runs."""
    paths = {ROOT / path for tier in TIERS for path in tier.paths}
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(file.relative_to(ROOT)) for file in files if not paths & {file, *file.parents}]


def _left_out(results: list[Result]) -> list[str]:
    told = [f"{result.tier.name} ({why})" for result in results for why in result.left_out]
    told += [f"{file} (in no tier)" for file in homeless_files()]
    return list(dict.fromkeys(told))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
