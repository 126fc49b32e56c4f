"""What the host of an extension reads: HubSpot's context, and where bundle and proxy are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.hubspot.record_view import PLACES

if TYPE_CHECKING:
    from sandbox.hubspot.portals import Portal, User
    from sandbox.settings import Settings


def card_page(
    settings: Settings, portal: Portal, person: User, locale: str, *, deal_id: str, place: str
) -> dict[str, Any]:
    """The card at one place of a deal's page."""
    page = _page(settings, portal, person, locale, "proposal-card")
    record = {"objectId": int(deal_id), "objectTypeId": "0-3"}
    page["context"] |= {"location": place, "crm": record}
    page["context"]["extension"] |= {"cardTitle": "Proposition"}
    return {**page, "mount": PLACES[place].mount}


def settings_page(settings: Settings, portal: Portal, person: User, locale: str) -> dict[str, Any]:
    """The app's settings, which are about no record."""
    page = _page(settings, portal, person, locale, "settings")
    page["context"] |= {"location": "settings"}
    return {**page, "mount": "#card"}


def _page(
    settings: Settings, portal: Portal, person: User, locale: str, bundle: str
) -> dict[str, Any]:
    return {
        "context": {
            "user": _user(person, locale),
            "portal": {"id": portal.id, "timezone": "Europe/Paris"},
            "extension": {"appId": int(settings.hubspot_app_id), "appName": "Propale"},
            "variables": {"BACKEND_URL": settings.public_url},
        },
        "cardUrl": f"/hubspot-app/static/{bundle}.js",
        "workerUrl": "/hubspot-app/static/worker.js",
        "proxyUrl": f"/hubspot-app/proxy?portalId={portal.id}&userId={person.id}",
    }


def _user(person: User, locale: str) -> dict[str, Any]:
    return {
        "id": person.id,
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "locale": locale,
        "language": locale[:2],
        "teams": [],
        "permissions": [],
    }
