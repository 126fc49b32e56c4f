"""Owners, pipelines, tax rates and the account itself (developers.hubspot.com, 2026-09)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from sandbox.hubspot.access import need
from sandbox.hubspot.batches import one_page
from sandbox.hubspot.errors import not_found
from sandbox.hubspot.portals import PIPELINES, PORTALS, Portal, User

routes = Blueprint("hubspot_account", __name__)

_LONG_AGO = "2026-01-05T08:00:00.000Z"


@routes.get("/account-info/2026-09/details")
def details() -> dict[str, Any]:
    """Describe the account: currency, time zone, where its data lives."""
    portal = _portal("oauth")
    return {
        "portalId": portal.id,
        "accountType": "DEVELOPER_TEST",
        "timeZone": "Europe/Paris",
        "companyCurrency": portal.currency,
        "additionalCurrencies": ["GBP", "JPY", "USD"],
        "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app-eu1.hubspot.com",
        "dataHostingLocation": "eu1",
    }


@routes.get("/crm/owners/2026-09/<owner_id>")
def owner(owner_id: str) -> dict[str, Any]:
    """Read one owner by owner id, or by user id with `idProperty=userId`."""
    by_user = request.args.get("idProperty") == "userId"
    for user in _portal("crm.objects.owners.read").users:
        if owner_id == (str(user.id) if by_user else user.owner_id):
            return _owner(user)
    raise not_found(f"Owner {owner_id} does not exist")


@routes.get("/crm/owners/2026-09")
def owners() -> dict[str, Any]:
    """List the owners, of one e-mail when it is given."""
    email = request.args.get("email")
    users = _portal("crm.objects.owners.read").users
    return one_page([_owner(user) for user in users if email in {None, user.email}])


@routes.get("/crm/pipelines/2026-09/deals")
def pipelines() -> dict[str, Any]:
    """List the deal pipelines with their stages."""
    _portal("crm.schemas.deals.read")
    results = [
        {
            "id": pipeline,
            "label": label,
            "displayOrder": place,
            "stages": [_stage(place, *stage) for place, stage in enumerate(stages)],
            "createdAt": _LONG_AGO,
            "updatedAt": _LONG_AGO,
            "archived": False,
        }
        for place, (pipeline, label, stages) in enumerate(PIPELINES)
    ]
    return {"results": results}


def _stage(place: int, stage: str, label: str, probability: str) -> dict[str, Any]:
    return {
        "id": stage,
        "label": label,
        "displayOrder": place,
        "metadata": {
            "isClosed": "true" if probability in {"0.0", "1.0"} else "false",
            "probability": probability,
        },
        "createdAt": _LONG_AGO,
        "updatedAt": _LONG_AGO,
        "archived": False,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }


@routes.get("/tax-rates/2026-09/tax-rates")
def tax_rates() -> dict[str, Any]:
    """List the tax rates, the active or the inactive ones when asked."""
    wanted = request.args.get("active")
    rates = [_rate(*rate) for rate in _portal("tax_rates.read").tax_rates]
    return one_page(
        [rate for rate in rates if wanted in {None, "true" if rate["active"] else "false"}]
    )


@routes.get("/tax-rates/2026-09/tax-rates/<rate_id>")
def tax_rate(rate_id: str) -> dict[str, Any]:
    """Read one tax rate."""
    for rate in _portal("tax_rates.read").tax_rates:
        if rate[0] == rate_id:
            return _rate(*rate)
    raise not_found(f"Tax rate {rate_id} does not exist")


def _portal(scope: str) -> Portal:
    return PORTALS[int(need(scope))]


def _owner(user: User) -> dict[str, Any]:
    return {
        "id": user.owner_id,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "userId": user.id,
        "userIdIncludingInactive": user.id,
        "type": "PERSON",
        "teams": [],
        "createdAt": _LONG_AGO,
        "updatedAt": _LONG_AGO,
        "archived": False,
    }


def _rate(rate_id: str, label: str, percent: float, active: bool) -> dict[str, Any]:
    return {
        "id": rate_id,
        "name": label,
        "label": label,
        "percentageRate": percent,
        "active": active,
        "createdAt": _LONG_AGO,
        "updatedAt": _LONG_AGO,
    }
