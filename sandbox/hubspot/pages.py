"""The small CRM: list of deals, a deal with its card, the files the card needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, render_template, request, send_from_directory

from sandbox.hubspot import records
from sandbox.hubspot.deal_view import choices, deal_list, deal_page, facts, portal_of
from sandbox.hubspot.extensions import card_page, settings_page
from sandbox.hubspot.portals import PORTALS, Portal, User
from sandbox.hubspot.record_view import placed
from sandbox.world import current_world

if TYPE_CHECKING:
    from flask import Response

routes = Blueprint("hubspot_pages", __name__)

_ROOT = Path(__file__).parents[2]
_BUILT = {
    "host.js": _ROOT / "sandbox" / "card_host" / "dist",
    "host.css": _ROOT / "sandbox" / "card_host" / "dist",
    "worker.js": _ROOT / "sandbox" / "card_host" / "dist",
    "proposal-card.js": _ROOT / "hubspot_cards" / "dist",
    "settings.js": _ROOT / "hubspot_cards" / "dist",
}


@routes.get("/")
def deals() -> str:
    """List the deals of `?portal=`."""
    portal = named_portal(request.args.get("portal", "148111"))
    return render_template(
        "hubspot/deals.html",
        base="/hubspot-app",
        portal=portal,
        portals=PORTALS.values(),
        deals=deal_list(current_world(), portal),
    )


@routes.get("/deals/<portal_id>/list")
def deals_list(portal_id: str) -> str:
    """Render the list alone, for the page that is open to follow."""
    portal = named_portal(portal_id)
    return render_template(
        "hubspot/deal_list.html", portal=portal, deals=deal_list(current_world(), portal)
    )


@routes.get("/contacts/<portal_id>/record/0-3/<deal_id>")
def deal(portal_id: str, deal_id: str) -> str:
    """Show one deal with the real card; `?user=` and `?lang=` say who is looking."""
    portal = named_portal(portal_id)
    person = looking_person(portal)
    locale = request.args.get("lang") or person.locale
    world = current_world()
    page = deal_page(world, portal, deal_id)
    return render_template(
        "hubspot/deal.html",
        base="/hubspot-app",
        **page,
        person=person,
        locale=locale,
        facts=facts(world, portal, page["deal"]),
        cards={
            place: card_page(world.settings, portal, person, locale, deal_id=deal_id, place=place)
            for place in placed(world, portal.id)
        },
        built=_is_built(),
    )


@routes.get("/connected-apps/<portal_id>/settings")
def app_settings(portal_id: str) -> str:
    """Show the app's own settings; `?user=` and `?lang=` say who is looking."""
    portal = named_portal(portal_id)
    person = looking_person(portal)
    locale = request.args.get("lang") or person.locale
    return render_template(
        "hubspot/app_settings.html",
        base="/hubspot-app",
        portal=portal,
        card=settings_page(current_world().settings, portal, person, locale),
        built=_is_built(),
    )


@routes.get("/deals/<portal_id>/<deal_id>/facts")
def deal_facts(portal_id: str, deal_id: str) -> str:
    """Render stage and properties alone, for the page that is open to follow."""
    portal, world = named_portal(portal_id), current_world()
    page: dict[str, Any] = deal_page(world, portal, deal_id)
    return render_template("hubspot/facts.html", **page, facts=facts(world, portal, page["deal"]))


@routes.get("/deals/<portal_id>/new")
def new_deal(portal_id: str) -> str:
    """Show the form for a new deal."""
    portal = named_portal(portal_id)
    return render_template(
        "hubspot/new_deal.html", base="/hubspot-app", portal=portal, **choices(portal)
    )


@routes.get("/static/<name>")
def built_file(name: str) -> Response:
    """Serve the card's bundle and its host as they were built."""
    if name not in _BUILT:
        abort(404)
    answer = send_from_directory(_BUILT[name], name, max_age=0)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def named_portal(number: str) -> Portal:
    """Return the portal of an address; 404 for one that does not exist."""
    portal = portal_of(number)
    if portal is None:
        abort(404)
    return portal


def live_deal(portal: Portal, deal_id: str) -> dict[str, Any]:
    """Return the deal's record; HubSpotError 404 when it is gone."""
    return records.get(current_world(), str(portal.id), "deals", deal_id)


def looking_person(portal: Portal) -> User:
    """Return who `?user=` says is looking."""
    wanted = request.args.get("user", "")
    return next((user for user in portal.users if str(user.id) == wanted), portal.users[0])


def _is_built() -> bool:
    """Whether the bundles and their host are there."""
    return all((folder / name).exists() for name, folder in _BUILT.items())
