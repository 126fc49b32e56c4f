"""What a person changes in the small CRM: deals, stages, contacts, lines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request

from sandbox.hubspot import associations, records
from sandbox.hubspot.errors import HubSpotError
from sandbox.hubspot.pages import live_deal, named_portal
from sandbox.hubspot.portals import BILLING_LABEL
from sandbox.hubspot.seed import add_contact, add_line, plant_deal
from sandbox.hubspot.stage_rules import PROPERTY
from sandbox.world import current_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

routes = Blueprint("hubspot_edits", __name__, url_prefix="/deals/<portal_id>")

_LINE_FIELDS = (
    *("name", "quantity", "price", "recurringbillingfrequency", "discount"),
    *("hs_discount_percentage", "hs_tax_rate_group_id"),
)
_NUMBERS = {"quantity", "price", "discount", "hs_discount_percentage"}


@routes.errorhandler(HubSpotError)
def refuse(problem: HubSpotError) -> tuple[str, int]:
    page = render_template("hubspot/refused.html", problem=problem, back=request.referrer or "/")
    return page, problem.status


@routes.post("/new")
def create(portal_id: str) -> Response:
    """Make a deal with company, contacts and lines from the form; rows without a name are left."""
    portal = named_portal(portal_id)
    deal_id = plant_deal(
        current_world(),
        str(portal.id),
        {
            "dealname": request.form["dealname"],
            "dealstage": "appointmentscheduled",
            "currency": request.form["currency"],
            "owner": portal.users[0].owner_id,
            "company": _company(),
            "contacts": [contact for contact in _rows(_CONTACT_FIELDS) if contact["email"]],
            "lines": [_line(row) for row in _rows(_LINE_FIELDS) if row["name"]],
        },
    )
    return _summed(portal_id, deal_id)


@routes.post("/<deal_id>/stage")
def move(portal_id: str, deal_id: str) -> Response:
    """Move the deal to another stage, by hand."""
    _update(portal_id, "deals", deal_id, {"dealstage": request.form["dealstage"]})
    return _back(portal_id, deal_id)


@routes.post("/<deal_id>/field")
def fill(portal_id: str, deal_id: str) -> Response:
    """Fill in the field that a rule on a stage asks for."""
    _update(portal_id, "deals", deal_id, {PROPERTY: request.form["value"].strip()})
    return _back(portal_id, deal_id)


@routes.post("/<deal_id>/contacts")
def new_contact(portal_id: str, deal_id: str) -> Response:
    """Add a contact to the deal."""
    fields = {name: request.form.get(name, "") for name in _CONTACT_FIELDS}
    add_contact(current_world(), portal_id, deal_id, fields)
    return _back(portal_id, deal_id)


@routes.post("/<deal_id>/contacts/<contact_id>")
def change_contact(portal_id: str, deal_id: str, contact_id: str) -> Response:
    """Change a contact's e-mail and billing label, or take the contact off the deal."""
    here, there = ("deals", deal_id), ("contacts", contact_id)
    world = current_world()
    if request.form.get("remove"):
        associations.disconnect(world, portal_id, here, there)
        return _back(portal_id, deal_id)
    _update(portal_id, "contacts", contact_id, {"email": request.form["email"]})
    if request.form.get("billing"):
        associations.connect(world, portal_id, here, there, label=BILLING_LABEL[0])
    else:
        associations.unlabel(world, portal_id, here, there)
    return _back(portal_id, deal_id)


@routes.post("/<deal_id>/lines")
def new_line(portal_id: str, deal_id: str) -> Response:
    """Add a line in the deal's currency."""
    deal = live_deal(named_portal(portal_id), deal_id)
    currency = deal["properties"].get("deal_currency_code") or ""
    add_line(
        current_world(),
        portal_id,
        deal_id,
        {**_line(request.form), "hs_line_item_currency_code": currency},
    )
    return _summed(portal_id, deal_id)


@routes.post("/<deal_id>/lines/<line_id>")
def change_line(portal_id: str, deal_id: str, line_id: str) -> Response:
    """Change one line, or delete it."""
    if request.form.get("remove"):
        records.archive(current_world(), portal_id, "line_items", line_id)
    else:
        _update(portal_id, "line_items", line_id, _line(request.form))
    return _summed(portal_id, deal_id)


_CONTACT_FIELDS = ("firstname", "lastname", "email", "label")


def _update(portal_id: str, kind: str, record_id: str, values: dict[str, Any]) -> None:
    records.update(current_world(), portal_id, kind, record_id, values, source="CRM_UI")


def _line(given: Mapping[str, str]) -> dict[str, str]:
    """Read a line's fields; people write decimals with a comma."""
    return {
        name: given.get(name, "").strip().replace(",", "." if name in _NUMBERS else ",")
        for name in _LINE_FIELDS
    }


def _rows(names: tuple[str, ...]) -> list[dict[str, str]]:
    """Read the repeated fields of a form as one dictionary a row."""
    columns = [request.form.getlist(name) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _company() -> dict[str, str]:
    names = ("name", "address", "zip", "city", "country")
    company = {name: request.form.get(f"company_{name}", "") for name in names}
    return company if company["name"] else {}


def _summed(portal_id: str, deal_id: str) -> Response:
    """Let the deal's amount follow its lines, as HubSpot's own editor does."""
    world = current_world()
    lines = associations.connected(world, portal_id, "deals", deal_id, "line_items")
    amounts = [
        records.get(world, portal_id, "line_items", line)["properties"].get("amount")
        for line in lines
    ]
    total = sum((Decimal(amount) for amount in amounts if amount), Decimal(0))
    _update(portal_id, "deals", deal_id, {"amount": f"{total:f}"})
    return _back(portal_id, deal_id)


def _back(portal_id: str, deal_id: str) -> Response:
    looking = request.args.to_dict()
    query = "&".join(f"{name}={looking[name]}" for name in ("user", "lang") if name in looking)
    address = f"/hubspot-app/contacts/{portal_id}/record/0-3/{deal_id}"
    return redirect(f"{address}?{query}" if query else address, 303)
