"""A deal as its page shows it: everything around it, gathered for the templates."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.figures import figure, moment
from sandbox.hubspot import associations, records, schema
from sandbox.hubspot.portals import BILLING_LABEL, PIPELINES, PORTALS, Portal

if TYPE_CHECKING:
    from sandbox.store import Record
    from sandbox.world import World

CURRENCIES = ("EUR", "GBP", "JPY", "USD", "CHF", "KWD")
FREQUENCIES = {
    "": "Une fois",
    "monthly": "Chaque mois",
    "annually": "Chaque année",
    "weekly": "Chaque semaine",
    "biweekly": "Toutes les 2 semaines",
    "quarterly": "Chaque trimestre",
    "per_six_months": "Tous les 6 mois",
    "per_two_years": "Tous les 2 ans",
    "per_three_years": "Tous les 3 ans",
}
_OWN_FACTS = {
    "amount": "Montant",
    "deal_currency_code": "Devise",
    "closedate": "Date de clôture",
    "hubspot_owner_id": "Propriétaire",
}


def deal_list(world: World, portal: Portal) -> list[dict[str, Any]]:
    """List the living deals in the order they were made, with stage names."""
    stages = {stage: label for _, _, held in PIPELINES for stage, label, _ in held}
    deals = records.table(world, str(portal.id), "deals").values()
    return [
        {
            "id": deal["id"],
            "name": deal["properties"]["dealname"],
            "amount": deal["properties"].get("amount"),
            "currency": deal["properties"].get("deal_currency_code"),
            "stage": stages.get(deal["properties"].get("dealstage", ""), ""),
            "status": deal["properties"].get("propale_status"),
        }
        for deal in deals
        if not deal["archived"]
    ]


def deal_page(world: World, portal: Portal, deal_id: str) -> dict[str, Any]:
    """Gather a deal with contacts, company, lines and the choices of its forms; 404 if unknown."""
    key = str(portal.id)
    deal = records.get(world, key, "deals", deal_id)
    contacts = associations.connected(world, key, "deals", deal_id, "contacts")
    lines = associations.connected(world, key, "deals", deal_id, "line_items")
    companies = associations.connected(world, key, "deals", deal_id, "companies")
    return {
        "portal": portal,
        "deal": deal,
        "contacts": [
            {
                **records.get(world, key, "contacts", contact),
                "billing": BILLING_LABEL[0] in associations.labels(types),
            }
            for contact, types in contacts.items()
        ],
        "lines": [records.get(world, key, "line_items", line) for line in lines],
        "companies": [records.get(world, key, "companies", company) for company in companies],
        "stages": [
            (stage, label)
            for pipeline, _, stages in PIPELINES
            for stage, label, _ in stages
            if pipeline == deal["properties"].get("pipeline", "default")
        ],
        **choices(portal),
    }


def choices(portal: Portal) -> dict[str, Any]:
    """Return what the forms offer."""
    return {
        "frequencies": FREQUENCIES,
        "currencies": CURRENCIES,
        "tax_rates": [(rate, label) for rate, label, _, active in portal.tax_rates if active],
    }


def facts(world: World, portal: Portal, deal: Record) -> list[tuple[str, str, str]]:
    """List (name, label, value) of the deal's properties, what apps wrote first."""
    key = str(portal.id)
    made = schema.created(world, key, "deals")
    values = deal["properties"]
    written = [
        (name, str(found["label"]), _readable(found, values.get(name) or ""))
        for name, found in made.items()
    ]
    owners = {user.owner_id: f"{user.first_name} {user.last_name}" for user in portal.users}
    own = [(name, label, values.get(name) or "") for name, label in _OWN_FACTS.items()]
    return written + [(name, label, owners.get(value, figure(value))) for name, label, value in own]


def portal_of(number: str) -> Portal | None:
    return PORTALS.get(int(number)) if number.isdigit() else None


def _readable(found: Record, value: str) -> str:
    """Write a value as HubSpot's window does: option labels, dates and figures of its people."""
    if value and found["type"] == "datetime":
        return moment(datetime.fromisoformat(value))
    if found["type"] == "number":
        return figure(value)
    labels = {option["value"]: option["label"] for option in found["options"]}
    return str(labels.get(value, value))
