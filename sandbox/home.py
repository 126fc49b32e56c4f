"""The demo's first page: four windows and three lines what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template

from sandbox.hubspot import records
from sandbox.mail.messages import table as mails
from sandbox.slack.teams import messages
from sandbox.world import current_world

if TYPE_CHECKING:
    from sandbox.world import World

routes = Blueprint("home", __name__)

_PORTAL, _TEAM, _CHANNEL = "148111", "T0SANDBOX", "C0VENTES"


@routes.get("/")
def home() -> str:
    """Show the four windows side by side."""
    return render_template("home.html", **_state())


@routes.get("/state/<window>")
def state(window: str) -> str:
    """Say how many things a window holds, for the page that is open to follow."""
    return str(_state()["counts"].get(window, ""))


def blueprint(world: World) -> Blueprint:
    """Serve the page at `/`."""
    del world
    return routes


def _state() -> dict[str, Any]:
    world = current_world()
    deals = records.table(world, _PORTAL, "deals").values()
    sent = [deal for deal in deals if deal["properties"].get("propale_status") not in _QUIET]
    letters, posts = len(mails(world)), len(messages(world, _TEAM, _CHANNEL))
    return {
        "now": world.clock.now(),
        "public_url": world.settings.public_url,
        "counts": {
            "crm": f"{len(deals)} transactions, {len(sent)} avec proposition",
            "mail": f"{letters} message{'s' if letters > 1 else ''}",
            "slack": f"{posts} message{'s' if posts > 1 else ''}",
        },
    }


_QUIET = {None, "", "not_created"}
