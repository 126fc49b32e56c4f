"""The version before this one: its newest migration, and its files out of git."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The newest migration of the version that runs in production; a release moves it to the head.
RELEASED = "0015"


def _git(*words: str) -> bytes:
    ended = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)
    if ended.returncode:
        pytest.skip(f"no history of this project here: git {words[0]} failed")
    return ended.stdout


def previous_commit() -> str:
    """The commit before the first migration that came after the release."""
    following = f"app/migrations/versions/{int(RELEASED) + 1:04d}_*.py"
    added = _git("log", "--diff-filter=A", "--format=%H", "--", following).decode().split()
    return f"{added[-1]}~1"


def unpack_previous(folder: Path) -> Path:
    """Lay the files of that version into a folder, as git has them."""
    archive = _git("archive", "--format=tar", previous_commit())
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder
