"""The doctor at HubSpot's side: client id and secret, and the project as it is uploaded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.doctor import hubspot, project
from app.doctor.check import Check, State
from app.runtime import Runtime
from app.settings import Secret, Settings
from tests.support.doctor import is_red, only

URL = "https://propositions.maison.example"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the project whose production profile is ours."""
    copy = tmp_path / "src"
    shutil.copytree(project.SOURCE, copy)
    edit(copy / "hsprofile.production.json", lambda it: it["variables"].update(BACKEND_URL=URL))
    return copy


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def looked_at(source: Path) -> list[Check]:
    return list(project.look_at_project(URL, source))


def test_project_with_our_profile_is_well(source: Path) -> None:
    checks = looked_at(source)

    assert [(check.name, check.state) for check in checks] == [
        ("hubspot.profile", State.OK),
        ("hubspot.redirect", State.OK),
        ("hubspot.permitted", State.OK),
        ("hubspot.scopes", State.OK),
        ("hubspot.distribution", State.OK),
    ]
    assert checks[-1].values["distribution"] == "private"


def test_marketplace_is_for_the_profile_to_choose(source: Path) -> None:
    edit(
        source / "hsprofile.production.json",
        lambda it: it["variables"].update(DISTRIBUTION="marketplace"),
    )

    assert only(looked_at(source), "hubspot.distribution").state is State.OK


def test_profiles_of_other_addresses_are_red(source: Path) -> None:
    edit(
        source / "hsprofile.production.json",
        lambda it: it["variables"].update(BACKEND_URL="https://other.example"),
    )

    (check,) = looked_at(source)

    assert is_red(check, f"No profile is for {URL}", "hs project upload --profile production")
    assert "https://other.example" in check.said("en")


@pytest.mark.parametrize(
    ("name", "change", "said", "advice"),
    [
        (
            "hubspot.redirect",
            lambda it: it["auth"].update(redirectUrls=["${BACKEND_URL}/callback"]),
            f"does not name {URL}/oauth/hubspot/callback",
            "${BACKEND_URL}/oauth/hubspot/callback",
        ),
        (
            "hubspot.permitted",
            lambda it: it["permittedUrls"].update(fetch=["https://old.example"]),
            f"does not permit the card to call {URL}",
            "permittedUrls.fetch",
        ),
        (
            "hubspot.scopes",
            lambda it: it["auth"]["requiredScopes"].remove("tax_rates.read"),
            "they differ in: tax_rates.read",
            "requiredScopes",
        ),
        (
            "hubspot.scopes",
            lambda it: it["auth"]["requiredScopes"].append("files"),
            "they differ in: files",
            "requiredScopes",
        ),
        (
            "hubspot.distribution",
            lambda it: it.update(distribution="public"),
            "no distribution “public”",
            "Write private",
        ),
    ],
)
def test_project_that_does_not_fit_is_red(
    source: Path, name: str, change: Callable[[dict[str, Any]], object], said: str, advice: str
) -> None:
    edit(source / project.APP_FILE, lambda it: change(it["config"]))

    assert is_red(only(looked_at(source), name), said, advice)


@pytest.mark.parametrize("text", ["{", "[]", '{"config": 1}'])
def test_project_that_cannot_be_read_is_red(source: Path, text: str) -> None:
    (source / project.APP_FILE).write_text(text)

    assert is_red(looked_at(source)[-1], "cannot be read", "as they came")


def test_server_without_the_project_cannot_look(tmp_path: Path) -> None:
    (check,) = looked_at(tmp_path / "nowhere")

    assert check.state is State.UNSEEN


@pytest.mark.usefixtures("sandbox")
def test_client_that_hubspot_knows_is_well(settings: Settings) -> None:
    assert hubspot.look_at_client(Runtime.start(settings)).state is State.OK


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("wrong", "said", "advice"),
    [
        ({"hubspot_client_id": "other"}, "does not know HUBSPOT_CLIENT_ID", "Copy the client id"),
        ({"hubspot_client_secret": Secret("old")}, "refuses HUBSPOT_CLIENT_SECRET", "Copy the"),
        ({"hubspot_api_base": "http://127.0.0.1:9"}, "does not answer", "Let this server reach"),
    ],
)
def test_client_that_hubspot_does_not_know_is_red(
    settings: Settings, wrong: dict[str, Any], said: str, advice: str
) -> None:
    assert is_red(hubspot.look_at_client(Runtime.start(replace(settings, **wrong))), said, advice)
