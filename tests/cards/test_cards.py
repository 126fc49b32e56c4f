"""The HubSpot project's files: strict schemas, scopes, a lock without hosts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.providers.hubspot.oauth import SCOPES

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "hubspot_cards"
CARDS = PROJECT / "src" / "app" / "cards"
SETTINGS = PROJECT / "src" / "app" / "settings"
APP_FILE = PROJECT / "src" / "app" / "app-hsmeta.json"
CARD_FILES = sorted(CARDS.glob("*-hsmeta.json"))
SETTINGS_FILE = SETTINGS / "settings-hsmeta.json"
PROFILES = sorted((PROJECT / "src").glob("hsprofile.*.json"))

FILES = [
    ("hsproject", PROJECT / "hsproject.json"),
    ("app", APP_FILE),
    *(("card", path) for path in CARD_FILES),
    ("settings", SETTINGS_FILE),
    *(("hsprofile", path) for path in PROFILES),
]


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _complaints(schema: str, value: object) -> list[str]:
    validator = Draft202012Validator(_read(PROJECT / "schemas" / f"{schema}.schema.json"))
    return [error.message for error in validator.iter_errors(value)]


@pytest.mark.parametrize(("schema", "path"), FILES, ids=lambda value: getattr(value, "name", None))
def test_project_file_keeps_its_schema(schema: str, path: Path) -> None:
    assert _complaints(schema, _read(path)) == []


@pytest.mark.parametrize(("schema", "path"), FILES, ids=lambda value: getattr(value, "name", None))
def test_unknown_key_is_refused(schema: str, path: Path) -> None:
    assert _complaints(schema, {**_read(path), "colour": "red"})


def test_every_hsmeta_file_is_one_of_those_checked() -> None:
    found = set((PROJECT / "src").rglob("*-hsmeta.json"))

    assert found == {APP_FILE, SETTINGS_FILE, *CARD_FILES}


def test_scopes_are_those_the_app_asks_for() -> None:
    required = _read(APP_FILE)["config"]["auth"]["requiredScopes"]

    assert sorted(required) == sorted(SCOPES)


def test_card_api_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(_read(PROJECT / "card-api.schema.json"))


def test_lock_names_no_registry() -> None:
    packages = _read(ROOT / "package-lock.json")["packages"]

    addresses = [
        entry["resolved"] for entry in packages.values() if "://" in str(entry.get("resolved", ""))
    ]

    assert addresses == []


def test_lock_holds_a_digest_for_every_package() -> None:
    packages = _read(ROOT / "package-lock.json")["packages"]

    missing = [
        name
        for name, entry in packages.items()
        if name.startswith("node_modules/") and not entry.get("link") and "integrity" not in entry
    ]

    assert missing == []


def test_versions_are_pinned_and_agree() -> None:
    versions: dict[str, set[str]] = {}
    for path in (PROJECT, CARDS, SETTINGS, ROOT / "sandbox" / "card_host"):
        package = _read(path / "package.json")
        wanted = {**package.get("dependencies", {}), **package.get("devDependencies", {})}
        for name, version in wanted.items():
            versions.setdefault(name, set()).add(version)

    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", v) for found in versions.values() for v in found)
