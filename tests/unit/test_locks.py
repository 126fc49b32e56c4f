"""The locks: every package they name is one version, with the hashes of its files."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON_LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}$")
NAME = re.compile(r"^([A-Za-z0-9_.-]+)")


def entries(lock: str) -> dict[str, list[str]]:
    """Each requirement of a lock, with the options that stand on its following lines."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {line.split(" --hash")[0].strip(): re.findall(r"--\S+", line) for line in lines}


def direct(group: str) -> list[str]:
    """The packages that pyproject.toml asks for."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = {"run": asked["project"]["dependencies"], **asked["dependency-groups"]}[group]
    return [match[1].lower() for line in listed if (match := NAME.match(line))]


def test_every_lock_is_looked_at() -> None:
    assert PYTHON_LOCKS == ["requirements-node.lock", "requirements-test.lock", "requirements.lock"]


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_every_requirement_is_pinned_with_hashes(lock: str) -> None:
    found = entries(lock)

    assert found
    assert [name for name in found if not re.match(r"^[\w.-]+==[\w.]+( ;.*)?$", name)] == []
    loose = [name for name, o in found.items() if not o or not all(HASH.match(h) for h in o)]
    assert loose == []


@pytest.mark.parametrize(
    ("lock", "groups"),
    [
        ("requirements.lock", ("run", "demo")),
        ("requirements-test.lock", ("run", "demo", "test")),
    ],
)
def test_lock_holds_what_the_project_asks_for(lock: str, groups: tuple[str, ...]) -> None:
    locked = {name.partition("==")[0] for name in entries(lock)}

    assert {name for group in groups for name in direct(group)} <= locked


def test_every_npm_package_has_its_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    fetched = {
        name: found
        for name, found in packages.items()
        if "node_modules/" in name and not found.get("link")
    }

    assert fetched
    assert [name for name, found in fetched.items() if not found.get("integrity")] == []
