"""HubSpot: its API and a small CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    del world
    return Blueprint("hubspot", __name__)


def crm_blueprint(world: World) -> Blueprint:
    del world
    return Blueprint("hubspot_crm", __name__)
