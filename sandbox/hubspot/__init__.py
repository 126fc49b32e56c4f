"""HubSpot: its API under `/hubspot`, a small CRM and the authorize page under `/hubspot-app`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint

from sandbox.hubspot import (
    account_api,
    associations_api,
    authorize,
    customization,
    edits,
    oauth_api,
    objects_api,
    pages,
    properties_api,
    proxy,
)
from sandbox.hubspot.access import RateLimit, enter, show_limit
from sandbox.hubspot.errors import HubSpotError, answer_error
from sandbox.hubspot.seed import plant

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    """Make the API; the portals and their example deals are planted first."""
    limit = RateLimit()

    def fresh() -> None:
        limit.forget()
        plant(world)

    world.seed(fresh)
    parent = Blueprint("hubspot", __name__)
    parent.record_once(_keep(limit))
    parent.register_blueprint(oauth_api.routes)
    signed_in = Blueprint("hubspot_api", __name__)
    signed_in.before_request(enter)
    for part in (objects_api, associations_api, properties_api, account_api):
        signed_in.register_blueprint(part.routes)
    parent.register_blueprint(signed_in)
    parent.register_error_handler(HubSpotError, answer_error)
    parent.after_request(show_limit)
    return parent


def crm_blueprint(world: World) -> Blueprint:
    """Make the pages: authorize, deals, and the proxy that signs card calls."""
    del world
    parent = Blueprint("hubspot_crm", __name__)
    for part in (authorize, proxy, pages, customization, edits):
        parent.register_blueprint(part.routes)
    parent.register_error_handler(HubSpotError, answer_error)
    return parent


def _keep(limit: RateLimit) -> Any:
    def keep(state: Any) -> None:
        state.app.config["HUBSPOT_RATE_LIMIT"] = limit

    return keep
