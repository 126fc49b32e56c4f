"""POST /oauth/2026-09/token and its introspection (developers.hubspot.com, OAuth 2026-09)."""

from __future__ import annotations

import hmac
import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, request

from sandbox.hubspot.portals import PORTALS
from sandbox.hubspot.registration import client_secret
from sandbox.hubspot.tokens import (
    access_tokens,
    confirm_use,
    issue,
    refresh_tokens,
    spend_code,
    uninstall,
)
from sandbox.world import current_world

routes = Blueprint("hubspot_oauth", __name__)

Answer = tuple[dict[str, Any], int]


class OAuthError(Exception):
    """A refusal of the token endpoint: `error` is OAuth's word, `status` HubSpot's."""

    def __init__(self, error: str, status: str, message: str) -> None:
        super().__init__(message)
        self.error, self.status = error, status


@routes.errorhandler(OAuthError)
def refuse(problem: OAuthError) -> Answer:
    return {
        "status": problem.status,
        "message": str(problem),
        "correlationId": str(uuid.uuid4()),
        "error": problem.error,
        "error_description": str(problem),
    }, 400


@routes.post("/oauth/2026-09/token")
def token() -> dict[str, Any]:
    """Exchange a code or a refresh token; form-encoded, credentials in the body."""
    _check_client()
    kind = request.form.get("grant_type")
    if kind == "authorization_code":
        return _from_code()
    if kind == "refresh_token":
        return _from_refresh_token()
    raise OAuthError("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant_type")


@routes.post("/oauth/2026-09/token/introspect")
def introspect() -> dict[str, Any]:
    """Describe a token; an unknown one is `active: false` with status 200."""
    _check_client()
    world, value = current_world(), request.form.get("token", "")
    access = access_tokens(world).get(value)
    grant = access or refresh_tokens(world).get(value)
    if grant is None:
        return {"active": False}
    expires_in = 0
    if access:
        left = datetime.fromisoformat(access["expires_at"]) - world.clock.wall()
        expires_in = max(0, int(left.total_seconds()))
    portal = PORTALS[int(grant["portal"])]
    return {
        "active": bool(expires_in) or access is None,
        "token": value,
        "token_type": "bearer",
        "token_use": "access_token" if access else "refresh_token",
        "client_id": world.settings.hubspot_client_id,
        "app_id": int(world.settings.hubspot_app_id),
        "hub_id": portal.id,
        "hub_domain": f"{portal.name.lower().replace(' ', '-')}.example",
        "user": portal.user(grant["user"]).email,
        "user_id": grant["user"],
        "scopes": grant["scopes"],
        "is_private_distribution": False,
        **({"expires_in": expires_in} if access else {}),
    }


@routes.post("/oauth/2026-09/token/revoke")
def revoke() -> Answer:
    """Forget a refresh token; access tokens already issued live on."""
    _check_client()
    refresh_tokens(current_world()).pop(request.form.get("token", ""), None)
    return {}, 200


@routes.delete("/appinstalls/2026-09/external-install")
def remove_install() -> tuple[str, int]:
    """Uninstall the app from the caller's portal."""
    token_text = request.headers.get("Authorization", "").removeprefix("Bearer ")
    grant = access_tokens(current_world()).get(token_text)
    if grant is None:
        return "", 401
    uninstall(current_world(), grant["portal"])
    return "", 204


def _check_client() -> None:
    world = current_world()
    if request.form.get("client_id") != world.settings.hubspot_client_id:
        raise OAuthError("invalid_client", "BAD_CLIENT_ID", "missing or invalid client id")
    secret = request.form.get("client_secret", "")
    if not hmac.compare_digest(secret.encode(), client_secret(world).encode()):
        raise OAuthError("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret")


def _from_code() -> dict[str, Any]:
    asked = request.form
    grant = spend_code(
        current_world(),
        asked.get("code", ""),
        asked.get("redirect_uri", ""),
        asked.get("code_verifier", ""),
    )
    if grant is None:
        raise OAuthError("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")
    return issue(current_world(), grant)


def _from_refresh_token() -> dict[str, Any]:
    world, old = current_world(), request.form.get("refresh_token", "")
    grant = refresh_tokens(world).get(old)
    if grant is None:
        raise OAuthError(
            "invalid_grant", "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked"
        )
    confirm_use(world, grant)
    return issue(world, grant, replaces=old)
