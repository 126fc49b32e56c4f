"""JSON switches of single vendors, for tests."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from sandbox.hubspot import records, stage_rules
from sandbox.hubspot.access import rate_limit
from sandbox.hubspot.seed import plant_deal
from sandbox.hubspot.tokens import expire, uninstall
from sandbox.slack.teams import channels, tokens
from sandbox.stripe import keys
from sandbox.world import current_world

routes = Blueprint("control_vendors", __name__)

_PORTAL = "148111"


@routes.post("/hubspot/deals")
def make_deal() -> dict[str, Any]:
    """Make a deal: `portal` and the fields of one entry of `sandbox/hubspot/examples.json`."""
    wanted = request.get_json()
    return {"id": plant_deal(current_world(), _portal(wanted), wanted)}


@routes.post("/hubspot/stage-rule")
def stage_rule() -> dict[str, Any]:
    """Switch a stage's rule: `stage`, `on`, and `portal`, `message` if not the usual ones."""
    wanted = request.get_json()
    rules = stage_rules.rules(current_world(), _portal(wanted))
    if wanted["on"]:
        rules[wanted["stage"]] = {"message": wanted.get("message") or stage_rules.MESSAGE}
    else:
        rules.pop(wanted["stage"], None)
    return {}


@routes.post("/hubspot/line-amount")
def line_amount() -> dict[str, Any]:
    """Make HubSpot's own amount of a line differ: `line`, `amount`, `portal`."""
    wanted = request.get_json()
    world = current_world()
    records.force_line_amount(world, _portal(wanted), wanted["line"], wanted["amount"])
    return {}


@routes.post("/hubspot/limit")
def limit() -> dict[str, Any]:
    """Set how many calls an account may make in ten seconds: `calls` (110 at HubSpot)."""
    rate_limit().calls = int(request.get_json()["calls"])
    return {}


@routes.post("/hubspot/uninstall")
def remove_app() -> dict[str, Any]:
    """Uninstall the app from `portal`."""
    uninstall(current_world(), _portal(request.get_json()))
    return {}


@routes.post("/hubspot/expire-tokens")
def expire_tokens() -> dict[str, Any]:
    """Let every access token of `portal` be over by now; refresh tokens stay."""
    expire(current_world(), _portal(request.get_json()))
    return {}


@routes.post("/slack/member")
def member() -> dict[str, Any]:
    """Put the bot into a channel or out of it: `team`, `channel`, `on`."""
    wanted = request.get_json()
    table = channels(current_world(), wanted.get("team", "T0SANDBOX"))
    changed = {"is_member": bool(wanted["on"])}
    table[wanted["channel"]] = {**table[wanted["channel"]], **changed}
    return {}


@routes.post("/slack/token")
def token() -> dict[str, Any]:
    """Give a token its `team` and `scopes`, or revoke it when `scopes` is null."""
    wanted = request.get_json()
    team = wanted.get("team", "T0SANDBOX")
    tokens(current_world())[wanted["token"]] = {"team": team, "scopes": wanted.get("scopes")}
    return {}


@routes.post("/stripe/key")
def stripe_key() -> dict[str, Any]:
    """Give a key its `permissions` (`["customer_write"]`, "all"), `expired` it, or null: revoke."""
    wanted, world = request.get_json(), current_world()
    permissions = wanted.get("permissions")
    if wanted.get("expired"):
        keys.expire(world, wanted["key"])
    elif permissions is None:
        keys.keys(world).pop(wanted["key"], None)
    else:
        account = wanted.get("account", "acct_sandbox0001")
        keys.grant(world, wanted["key"], account, None if permissions == "all" else permissions)
    return {}


def _portal(wanted: dict[str, Any]) -> str:
    return str(wanted.get("portal", _PORTAL))
