"""/slack/oauth/v2/authorize and the exchange of its code (docs.slack.dev, OAuth v2)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request

from sandbox.slack.calls import SlackError
from sandbox.slack.teams import SCOPES, teams, tokens
from sandbox.world import current_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as Redirect

    from sandbox.store import Record, Table
    from sandbox.world import World

routes = Blueprint("slack_oauth", __name__, url_prefix="/oauth/v2")

_LIFE = timedelta(minutes=10)


class AuthorizeError(Exception):
    """Slack shows its own page instead of sending the person anywhere."""


@routes.errorhandler(AuthorizeError)
def refuse(problem: AuthorizeError) -> Response:
    return Response(render_template("slack/authorize_error.html", problem=problem), 400)


@routes.get("/authorize")
def authorize() -> str:
    """Show what the app asks for; wrong client, address or scopes stay on a page of Slack's."""
    scopes = _checked(request.args)
    return render_template(
        "slack/authorize.html",
        scopes=scopes,
        teams=teams(current_world()).values(),
        asked=request.args,
    )


@routes.post("/authorize")
def decide() -> Redirect:
    """Send the person back with a code good for ten minutes, or with access_denied."""
    scopes = _checked(request.form)
    back, world = request.form["redirect_uri"], current_world()
    answer = {"state": request.form["state"]} if request.form.get("state") else {}
    if request.form.get("decision") != "approve":
        return redirect(f"{back}?{urlencode({'error': 'access_denied', **answer})}")
    code = secrets.token_hex(16)
    _codes(world)[code] = {
        "team": teams(world)[request.form["team"]]["id"],
        "scopes": scopes,
        "redirect": back,
        "until": (world.clock.wall() + _LIFE).isoformat(),
        "used": False,
    }
    return redirect(f"{back}?{urlencode({'code': code, **answer})}")


def access() -> dict[str, Any]:
    """Exchange a code for the workspace's bot token; the client is named by HTTP Basic or form."""
    world = current_world()
    given = request.authorization
    basic = given is not None and given.type == "basic"
    client = given.username if given and basic else request.values.get("client_id")
    secret = given.password if given and basic else request.values.get("client_secret")
    if client != world.settings.slack_client_id:
        raise SlackError("invalid_client_id")
    if secret != world.settings.slack_client_secret:
        raise SlackError("bad_client_secret")
    return _granted(world, _taken(world))


def _taken(world: World) -> Record:
    with world.store.lock:
        code = request.values.get("code", "")
        grant = _codes(world).get(code)
        if grant is None or datetime.fromisoformat(grant["until"]) < world.clock.wall():
            raise SlackError("invalid_code")
        if grant["used"]:
            raise SlackError("code_already_used")
        if request.values.get("redirect_uri") != grant["redirect"]:
            raise SlackError("bad_redirect_uri")
        _codes(world)[code] = {**grant, "used": True}
        return grant


def _granted(world: World, grant: Record) -> dict[str, Any]:
    token = f"xoxb-sandbox-granted-{world.store.number('slack.token')}"
    tokens(world)[token] = {"team": grant["team"], "scopes": grant["scopes"]}
    team = teams(world)[grant["team"]]
    return {
        "ok": True,
        "app_id": "A0PROPALE",
        "authed_user": {"id": "U0DANA"},
        "scope": ",".join(grant["scopes"]),
        "token_type": "bot",
        "access_token": token,
        "bot_user_id": "U0PROPALE",
        "team": {"id": team["id"], "name": team["name"]},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _codes(world: World) -> Table:
    return world.store.table("slack", "codes")


def _checked(asked: Mapping[str, str]) -> list[str]:
    settings = current_world().settings
    if asked.get("client_id") != settings.slack_client_id:
        raise AuthorizeError("invalid_client_id")
    if asked.get("redirect_uri") != f"{settings.public_url}/oauth/slack/callback":
        raise AuthorizeError("bad_redirect_uri")
    scopes = [scope for scope in asked.get("scope", "").split(",") if scope]
    if not scopes or not set(scopes) <= set(SCOPES):
        raise AuthorizeError("invalid_scope")
    return scopes
