"""Codes and tokens: one-time codes, access tokens of 30 minutes, refresh tokens that rotate."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.store import Record, Table
    from sandbox.world import World

LIFETIME = timedelta(seconds=1800)
_CODE_LIFETIME = timedelta(minutes=10)


def codes(world: World) -> Table:
    return world.store.table("hubspot", "oauth", "codes")


def access_tokens(world: World) -> Table:
    return world.store.table("hubspot", "oauth", "access")


def refresh_tokens(world: World) -> Table:
    return world.store.table("hubspot", "oauth", "refresh")


def make_code(
    world: World, *, portal: str, user: int, scopes: list[str], redirect: str, challenge: str = ""
) -> str:
    """Remember an approval for ten minutes of wall time and one use."""
    code = secrets.token_urlsafe(24)
    codes(world)[code] = {
        "portal": portal,
        "user": user,
        "scopes": sorted(scopes),
        "redirect_uri": redirect,
        "challenge": challenge,
        "expires_at": (world.clock.wall() + _CODE_LIFETIME).isoformat(),
    }
    return code


def spend_code(world: World, code: str, redirect: str, verifier: str = "") -> Record | None:
    """Take a code out of the world.

    None when it is unknown, used, late, for another address, or its challenge is not met.
    """
    grant = codes(world).pop(code, None)
    if grant is None or grant["redirect_uri"] != redirect:
        return None
    if grant["challenge"] and grant["challenge"] != challenge_of(verifier):
        return None
    late = world.clock.wall() > datetime.fromisoformat(grant["expires_at"])
    return None if late else grant


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def expire_codes(world: World, portal: str) -> None:
    """Let a portal's codes that are on their way be too old."""
    past = (world.clock.wall() - timedelta(seconds=1)).isoformat()
    for code, grant in codes(world).items():
        if grant["portal"] == portal:
            codes(world)[code] = {**grant, "expires_at": past}


def issue(world: World, grant: Record, *, replaces: str | None = None) -> dict[str, Any]:
    """Make an access and a refresh token and return HubSpot's token answer.

    The replaced refresh token stays good until the new pair is first used, so that an answer
    lost on its way does not cut the account off.
    """
    access, refresh = f"at-{secrets.token_urlsafe(32)}", f"rt-{secrets.token_urlsafe(32)}"
    kept = {name: grant[name] for name in ("portal", "user", "scopes")}
    access_tokens(world)[access] = {
        **kept,
        "expires_at": (world.clock.wall() + LIFETIME).isoformat(),
        "replaces": replaces,
    }
    refresh_tokens(world)[refresh] = {**kept, "replaces": replaces}
    return {
        "token_type": "bearer",
        "token_use": "access_token",
        "access_token": access,
        "refresh_token": refresh,
        "expires_in": int(LIFETIME.total_seconds()),
        "hub_id": int(grant["portal"]),
        "user_id": grant["user"],
        "scopes": grant["scopes"],
    }


def confirm_use(world: World, grant: Record) -> None:
    """Forget the refresh token that this pair replaced: its successor has arrived."""
    replaced = grant.get("replaces")
    if replaced:
        refresh_tokens(world).pop(replaced, None)


def installed_portals(world: World) -> list[str]:
    """List the portals that hold a refresh token, in the order they installed."""
    return list(dict.fromkeys(grant["portal"] for grant in refresh_tokens(world).values()))


def uninstall(world: World, portal: str) -> None:
    """Drop every token of a portal, as HubSpot does when an account removes the app."""
    for table in (access_tokens(world), refresh_tokens(world)):
        for token in [token for token, grant in table.items() if grant["portal"] == portal]:
            del table[token]


def expire(world: World, portal: str) -> None:
    """Make a portal's access tokens old, which business time never does."""
    past = world.clock.wall().isoformat()
    table = access_tokens(world)
    for token, grant in table.items():
        if grant["portal"] == portal:
            table[token] = {**grant, "expires_at": past}
