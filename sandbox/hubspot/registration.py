"""What HubSpot knows of the app: its project's app file, uploaded with the product's address."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.settings import Settings
    from sandbox.store import Table
    from sandbox.world import World

_APP_FILE = Path(__file__).parents[2] / "hubspot_cards" / "src" / "app" / "app-hsmeta.json"


@dataclass(frozen=True)
class Registration:
    """The app as installed from: who it is, where it may send people, what it must ask for."""

    client_id: str
    app_id: str
    name: str
    redirect_urls: tuple[str, ...]
    required_scopes: frozenset[str]
    optional_scopes: frozenset[str]


def client_secret(world: World) -> str:
    """The app's secret as it stands at HubSpot: the one both sides know, until it is changed."""
    changed = _secrets(world).get("changed")
    return str(changed["value"]) if changed else world.settings.hubspot_client_secret


def change_secret(world: World) -> str:
    """Make a new secret, as the app's page does; the old one is worth nothing from now on."""
    value = str(uuid.uuid4())
    _secrets(world)["changed"] = {"value": value}
    return value


def restore_secret(world: World) -> None:
    """Take the new one back."""
    _secrets(world).pop("changed", None)


def _secrets(world: World) -> Table:
    return world.store.table("hubspot", "app", "secrets")


def registration(settings: Settings) -> Registration:
    """Read the app file as an upload with the profile's BACKEND_URL would."""
    text = _APP_FILE.read_text(encoding="utf-8").replace("${BACKEND_URL}", settings.public_url)
    config = json.loads(text)["config"]
    auth = config["auth"]
    return Registration(
        client_id=settings.hubspot_client_id,
        app_id=settings.hubspot_app_id,
        name=config["name"],
        redirect_urls=tuple(auth["redirectUrls"]),
        required_scopes=frozenset(auth["requiredScopes"]),
        optional_scopes=frozenset(auth.get("optionalScopes", ())),
    )
