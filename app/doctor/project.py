"""The HubSpot project as it is uploaded: whether it fits this installation.

The files lie beside the product; whoever runs the doctor elsewhere is told that it saw none.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.doctor.check import Check, ok, unseen, wrong
from app.providers.hubspot.authorize import SCOPES

SOURCE = Path(__file__).parents[2] / "hubspot_cards" / "src"
APP_FILE = "app/app-hsmeta.json"
CALLBACK = "/oauth/hubspot/callback"
DISTRIBUTIONS = ("private", "marketplace")
VARIABLE = re.compile(r"\$\{(\w+)\}")


def look_at_project(public_url: str, source: Path = SOURCE) -> Iterator[Check]:
    """The profile of our public address, and the app file filled in with it."""
    name = "hubspot.profile"
    if not source.is_dir():
        yield unseen(name, "no_project", folder=source)
        return
    try:
        profiles = {path: _variables(path) for path in sorted(source.glob("hsprofile.*.json"))}
        app_text = (source / APP_FILE).read_text(encoding="utf-8")
        mine = [path for path, each in profiles.items() if each.get("BACKEND_URL") == public_url]
        config = dict(json.loads(_filled(app_text, profiles[mine[0]] if mine else {}))["config"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield wrong(name, "unreadable", words=error)
        return
    if not mine:
        named = ", ".join(str(each.get("BACKEND_URL", "")) for each in profiles.values())
        yield wrong(name, "other_address", url=public_url, named=named)
        return
    yield ok(name, profile=mine[0].name.split(".")[1], url=public_url)
    yield from _look_at_app(config, public_url)


def _look_at_app(config: Mapping[str, Any], public_url: str) -> Iterator[Check]:
    auth, fetched = config.get("auth", {}), config.get("permittedUrls", {}).get("fetch", [])
    callback = f"{public_url}{CALLBACK}"
    led = callback in auth.get("redirectUrls", [])
    yield _judged("hubspot.redirect", led, url=callback)
    yield _judged("hubspot.permitted", public_url in fetched, url=public_url)
    yield _look_at_scopes(auth.get("requiredScopes", []))
    distribution = config.get("distribution", "")
    known = distribution in DISTRIBUTIONS
    yield _judged("hubspot.distribution", known, distribution=distribution)


def _look_at_scopes(declared: list[str]) -> Check:
    """HubSpot blocks an install that asks for other scopes than the project declares."""
    missing, more = set(SCOPES) - set(declared), set(declared) - set(SCOPES)
    names = ", ".join(sorted(missing | more))
    return _judged("hubspot.scopes", not names, number=len(SCOPES), names=names)


def _judged(name: str, well: bool, **values: object) -> Check:
    return ok(name, **values) if well else wrong(name, "other", **values)


def _variables(path: Path) -> dict[str, str]:
    variables: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["variables"]
    return variables


def _filled(text: str, variables: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda found: str(variables.get(found[1], found[0])), text)
