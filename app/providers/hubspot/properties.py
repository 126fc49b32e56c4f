"""The deal properties we add to a portal: what they are, and their creation."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from app.errors import ProviderError
from app.providers.hubspot.transport import DATED, call

GROUP = {"name": "propale", "label": "Propale"}

_STATUS = {
    "not_created": "Non créée",
    "sent": "Envoyée",
    "accepted": "Acceptée",
    "declined": "Déclinée",
    "expired": "Expirée",
    "withdrawn": "Retirée",
}
_PAYMENT = {
    "awaiting_method": "Moyen de paiement attendu",
    "action_needed": "Action du client requise",
    "pending": "En cours",
    "paid": "Payé",
    "past_due": "Échéance impayée",
    "failed": "Non abouti",
    "refunded": "Remboursé",
    "disputed": "Contesté",
    "cancelled": "Annulé",
}


def _plain(name: str, label: str, type_: str, field: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "groupName": GROUP["name"],
        "type": type_,
        "fieldType": field,
    }


def _choice(name: str, label: str, options: dict[str, str]) -> dict[str, Any]:
    # All four keys of an option are required since 2026-09.
    listed = [
        {"label": words, "value": value, "displayOrder": place, "hidden": False}
        for place, (value, words) in enumerate(options.items())
    ]
    return {**_plain(name, label, "enumeration", "select"), "options": listed}


PROPERTIES: tuple[dict[str, Any], ...] = (
    _choice("propale_status", "Proposition : état", _STATUS),
    _choice("propale_payment_status", "Proposition : paiement", _PAYMENT),
    _plain("propale_number", "Proposition : numéro", "string", "text"),
    _plain("propale_link", "Proposition : lien", "string", "text"),
    _plain("propale_sent_at", "Proposition : envoyée le", "datetime", "date"),
    _plain("propale_accepted_at", "Proposition : acceptée le", "datetime", "date"),
    _plain("propale_amount_due_now", "Proposition : dû aujourd'hui", "number", "number"),
    _plain("propale_recurring_amount", "Proposition : montant récurrent", "number", "number"),
    _plain("propale_stripe_customer", "Proposition : client Stripe", "string", "text"),
    _plain("propale_stripe_subscription", "Proposition : abonnement Stripe", "string", "text"),
    _plain("propale_last_invoice", "Proposition : dernière facture", "string", "text"),
    _plain("propale_problem", "Proposition : problème", "string", "textarea"),
)

_PATH = f"/crm/properties/{DATED}/deals"


def ensure_properties(api_base: str, token: str) -> None:
    """Create the group and the properties that are missing; what exists stays as it is.

    https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
    """
    if not (missing := _missing(api_base, token)):
        return
    _create(api_base, token, f"{_PATH}/groups", GROUP)
    _create(api_base, token, f"{_PATH}/batch/create", {"inputs": missing})
    if _missing(api_base, token):
        # The batch was refused because some existed by now: create the missing ones one by one.
        for definition in _missing(api_base, token):
            _create(api_base, token, _PATH, definition)


def read_labels(api_base: str, token: str, names: Iterable[str]) -> dict[str, str]:
    """Of those that the portal has, by name; 100 at most.

    https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
    """
    wanted = {"archived": False, "inputs": [{"name": name} for name in names]}
    data = call(api_base, "POST", f"{_PATH}/batch/read", token=token, body=wanted)
    return {found["name"]: str(found.get("label") or "") for found in data.get("results", [])}


def _missing(api_base: str, token: str) -> list[dict[str, Any]]:
    present = read_labels(api_base, token, [definition["name"] for definition in PROPERTIES])
    return [definition for definition in PROPERTIES if definition["name"] not in present]


def _create(api_base: str, token: str, path: str, body: dict[str, Any]) -> None:
    try:
        call(api_base, "POST", path, token=token, body=body, write=True)
    except ProviderError as failure:
        # HubSpot documents no code for it: 409, or a 400 that says so in words.
        exists = "already exist" in failure.message.lower()
        if failure.status != HTTPStatus.CONFLICT and not exists:
            raise
