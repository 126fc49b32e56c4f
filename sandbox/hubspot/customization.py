"""The editor in which a super admin places the app's card on the deals of her portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request

from sandbox.hubspot.pages import looking_person, named_portal
from sandbox.hubspot.record_view import PLACES, place, placed
from sandbox.world import current_world

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

routes = Blueprint("hubspot_customization", __name__)


@routes.get("/record-customization/<portal_id>/views/0-3/default")
def editor(portal_id: str) -> str:
    """Show the default view of deals with the cards of each place; `?add=` opens a place's list."""
    portal = named_portal(portal_id)
    return render_template(
        "hubspot/record_view.html",
        base="/hubspot-app",
        portal=portal,
        person=looking_person(portal),
        places=PLACES,
        placed=placed(current_world(), portal.id),
        adding=request.args.get("add"),
    )


@routes.post("/record-customization/<portal_id>/views/0-3/default")
def save(portal_id: str) -> Response:
    """Add the card to a place, or take it away; only who may customize the page (403)."""
    portal, world = named_portal(portal_id), current_world()
    person = looking_person(portal)
    if not person.installs:
        abort(403)
    added, removed = request.form.get("add"), request.form.get("remove")
    before = placed(world, portal.id)
    place(world, portal.id, [name for name in (*before, added) if name and name != removed])
    return redirect(f"{request.path}?user={person.id}", 303)
