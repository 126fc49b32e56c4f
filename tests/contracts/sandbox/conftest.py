"""A sandbox emptied for each test, and the doors its tests go through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.hubspot.registration import registration

if TYPE_CHECKING:
    from sandbox.server import Server


@pytest.fixture
def sandbox(running: Server) -> Server:
    running.world.reset()
    return running


def authorize(server: Server, **changes: str) -> requests.Response:
    """Ask and approve as an installer's browser does; `changes` replace form fields."""
    settings = server.world.settings
    app = registration(settings)
    form = {
        "client_id": app.client_id,
        "redirect_uri": app.redirect_urls[0],
        "scope": " ".join(sorted(app.required_scopes)),
        "state": "s t&te",
        "account": "148111/7001",
        "decision": "approve",
    }
    return requests.post(
        f"{settings.hubspot_app_base}/oauth/authorize",
        data={**form, **changes},
        allow_redirects=False,
        timeout=5,
    )


def exchange(server: Server, **changes: str) -> requests.Response:
    """POST to the token endpoint with the app's credentials."""
    settings = server.world.settings
    form = {
        "client_id": settings.hubspot_client_id,
        "client_secret": settings.hubspot_client_secret,
        "redirect_uri": registration(settings).redirect_urls[0],
    }
    return requests.post(
        f"{settings.hubspot_api_base}/oauth/2026-09/token", data={**form, **changes}, timeout=5
    )


def install(server: Server, account: str = "148111/7001") -> dict[str, Any]:
    """Install the app in a portal and return the token answer."""
    back = authorize(server, account=account).headers["Location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    answer: dict[str, Any] = exchange(server, grant_type="authorization_code", code=code).json()
    return answer
