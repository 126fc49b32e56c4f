"""The version before this one on the tables of this one: it passes its own tests there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.previous import ROOT, unpack_previous

MIGRATIONS = Path("app/migrations")
# What a running version does while the next one is started: from the card to the money.
PLAYED = (
    "tests/web/test_card_views.py",
    "tests/web/test_customer_accept.py",
    "tests/web/test_webhooks.py",
    "tests/workers/test_billing_messages.py",
    "tests/workers/test_mails.py",
    "tests/workers/test_money_states.py",
    "tests/workers/test_slack.py",
    "tests/workers/test_sync_deal.py",
    "tests/workers/test_taken_over.py",
)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The version before, whose migrations are ours: its databases get the newest tables."""
    folder = unpack_previous(tmp_path)
    shutil.rmtree(folder / MIGRATIONS)
    shutil.copytree(ROOT / MIGRATIONS, folder / MIGRATIONS)
    return folder


@pytest.mark.long
@pytest.mark.timeout(900)
def test_version_before_goes_on_with_the_newest_tables(before: Path) -> None:
    played = [path for path in PLAYED if (before / path).exists()]
    command = [sys.executable, "-m", "pytest", "-q", "-x", *played]

    ended = subprocess.run(
        command, cwd=before, env={**os.environ}, capture_output=True, text=True, check=False
    )

    assert played
    assert ended.returncode == 0, ended.stdout[-4000:]
