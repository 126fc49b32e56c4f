"""Faults are met in an installed and connected house, put back to its first day for each story."""

from __future__ import annotations

from collections import Counter

import pytest
import requests

from app.settings import Settings
from sandbox.server import Server
from tests.faults.crashes import FirstDay, in_words
from tests.faults.stage import Stage
from tests.support.environ import CLOSED, sandbox_names
from tests.support.house import (
    Prepared,
    house,
    house_database,
    house_settings,
    prepare_house,
    prepared_house,
)

__all__ = ["house", "house_database", "house_settings", "prepared_house"]


@pytest.fixture(scope="module")
def first_day(
    prepared_house: Prepared, sandbox_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> FirstDay:
    """Puts everything back to the day on which the seller installed the product."""
    world = sandbox_server.world
    url = f"sqlite:///{prepared_house.file}"
    names = sandbox_names(sandbox_server.url, world.settings.smtp_url)
    ours = {"DATA_DIR": str(tmp_path_factory.mktemp("stage")), "DATABASE_URL": url}
    settings = Settings.from_env({**CLOSED, **names, **ours})

    def begin() -> Stage:
        world.clock.database_url = ""
        world.reset()
        world.clock.database_url = url
        # Thousands of stories take place in the minutes of one.
        limit = f"{sandbox_server.url}/control/hubspot/limit"
        assert requests.post(limit, json={"calls": 10**9}, timeout=5).ok
        house = prepare_house(prepared_house, sandbox_server, settings)
        return Stage(house, prepared_house.file)

    return begin


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what all parts of the enumeration counted together."""
    reports = [r for word in ("passed", "failed") for r in terminalreporter.getreports(word)]
    told = [dict(report.user_properties).get("counts") for report in reports]
    parts = [counts for counts in told if isinstance(counts, dict)]
    if parts:
        total = sum(map(Counter, parts), Counter[str]())
        terminalreporter.write_line(f"{len(parts)} parts: {in_words(total)}")
