"""/slack/client: the window where the team reads its channels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template, url_for

from sandbox.slack.markup import mrkdwn, text_object
from sandbox.slack.teams import channels, messages, teams
from sandbox.world import current_world

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

routes = Blueprint("slack_client", __name__, url_prefix="/client")


@routes.get("/")
def first_channel() -> Response:
    return redirect(url_for(".channel", team="T0SANDBOX", channel_id="C0VENTES"))


@routes.get("/<team>/")
def first_of_team(team: str) -> Response:
    return redirect(url_for(".channel", team=team, channel_id="C0VENTES"))


@routes.get("/<team>/<channel_id>")
def channel(team: str, channel_id: str) -> str:
    """Show one channel with the list of all channels beside it."""
    return render_template("slack/channel.html", **_shown(team, channel_id))


@routes.get("/<team>/<channel_id>/messages")
def channel_messages(team: str, channel_id: str) -> str:
    """Render the messages alone, for the page that is open to follow."""
    return render_template("slack/messages.html", **_shown(team, channel_id))


@routes.post("/<team>/<channel_id>/invite")
def invite(team: str, channel_id: str) -> Response:
    """Let a person invite the bot, which a private channel needs."""
    _membership(team, channel_id, member=True)
    return redirect(url_for(".channel", team=team, channel_id=channel_id))


@routes.post("/<team>/<channel_id>/remove")
def remove(team: str, channel_id: str) -> Response:
    """Let a person put the bot out of the channel."""
    _membership(team, channel_id, member=False)
    return redirect(url_for(".channel", team=team, channel_id=channel_id))


def _membership(team: str, channel_id: str, *, member: bool) -> None:
    table = channels(current_world(), team)
    if channel_id not in table:
        abort(404)
    table[channel_id] = {**table[channel_id], "is_member": member}


def _shown(team: str, channel_id: str) -> dict[str, Any]:
    world = current_world()
    if team not in teams(world) or channel_id not in channels(world, team):
        abort(404)
    posted = list(messages(world, team, channel_id).values())
    return {
        "team": teams(world)[team],
        "channels": list(channels(world, team).values()),
        "channel": channels(world, team)[channel_id],
        "messages": [{**message, "at": _moment(message["ts"])} for message in posted],
        "text_object": text_object,
        "mrkdwn": mrkdwn,
    }


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
