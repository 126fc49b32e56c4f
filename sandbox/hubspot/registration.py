"""What HubSpot knows of the app: its project's app file, uploaded with the product's address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.settings import Settings

_APP_FILE = Path(__file__).parents[2] / "hubspot_cards" / "src" / "app" / "app-hsmeta.json"


@dataclass(frozen=True)
class Registration:
    """The app as installed from: who it is, where it may send people, what it must ask for."""

    client_id: str
    client_secret: str
    app_id: str
    name: str
    redirect_urls: tuple[str, ...]
    required_scopes: frozenset[str]
    optional_scopes: frozenset[str]


def registration(settings: Settings) -> Registration:
    """Read the app file as an upload with the profile's BACKEND_URL would."""
    text = _APP_FILE.read_text(encoding="utf-8").replace("${BACKEND_URL}", settings.public_url)
    config = json.loads(text)["config"]
    auth = config["auth"]
    return Registration(
        client_id=settings.hubspot_client_id,
        client_secret=settings.hubspot_client_secret,
        app_id=settings.hubspot_app_id,
        name=config["name"],
        redirect_urls=tuple(auth["redirectUrls"]),
        required_scopes=frozenset(auth["requiredScopes"]),
        optional_scopes=frozenset(auth.get("optionalScopes", ())),
    )
