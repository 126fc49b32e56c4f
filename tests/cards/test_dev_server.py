"""HubSpot's own dev-server package builds the project, and its bundles show what ours show."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CARDS, HOST = ROOT / "hubspot_cards", ROOT / "sandbox" / "card_host"


@pytest.mark.long
@pytest.mark.timeout(600)
def test_dev_servers_bundles_show_what_ours_show(tmp_path: Path) -> None:
    builder = shutil.copytree(CARDS / "dev_server", tmp_path / "dev_server")
    shutil.copy(CARDS / "bundles.mjs", tmp_path)
    _run(builder, "npm", "ci", "--no-audit", "--no-fund")
    _run(builder, "node", "build.mjs", str(CARDS), str(tmp_path / "built"))

    compared = _run(
        HOST,
        *("npx", "vitest", "run", "--config", "vitest.long.config.ts"),
        DEV_SERVER_OUTPUT=str(tmp_path / "built"),
    )

    assert "failed" not in compared
    assert "passed" in compared


def _run(folder: Path, *words: str, **settings: str) -> str:
    env = {**os.environ, **settings, "NO_COLOR": "1"}
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
