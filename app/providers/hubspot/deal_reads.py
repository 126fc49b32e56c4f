"""Reads a deal whole: first the deal, then its associated records in parallel."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import quote

from app.errors import FailureKind, ProviderError
from app.providers.hubspot import deals, names
from app.providers.hubspot.failures import PROVIDER
from app.providers.hubspot.transport import DATED, call
from app.snapshot import DealSnapshot

OBJECTS = f"/crm/objects/{DATED}"
_LABELS = f"/crm/associations/{DATED}/deals/contacts/batch/read"
_BATCH = 100  # HubSpot's most per batch read


def deal_path(deal_id: str) -> str:
    """The deal's path, whatever the id is made of."""
    return f"{OBJECTS}/deals/{quote(deal_id, safe='')}"


def read_deal(api_base: str, token: str, deal_id: str) -> DealSnapshot:
    """Read a deal with its contacts, primary company and line items.

    One read, then three at the same time (a fourth for labels when several contacts stand on the
    deal). Missing or archived: PERMANENT, code `not_found`.
    """
    deal = _deal(api_base, token, deal_id)
    contact_ids = deals.associated_ids(deal, "contacts")
    company_id = deals.primary_company_id(deal)
    company_ids = [company_id] if company_id else []
    line_ids = deals.associated_ids(deal, "line_items")
    batch = partial(_batch, api_base, token)
    with ThreadPoolExecutor(max_workers=4) as threads:
        contacts = threads.submit(batch, "contacts", contact_ids, names.CONTACT_PROPERTIES)
        companies = threads.submit(batch, "companies", company_ids, names.COMPANY_PROPERTIES)
        lines = threads.submit(batch, "line_items", line_ids, names.LINE_PROPERTIES)
        labels = threads.submit(_labels, api_base, token, deal_id, contact_ids)
    if len(lines.result()) != len(line_ids):
        words = "The deal changed while it was read."
        raise ProviderError(PROVIDER, FailureKind.RETRYABLE, words, code="changed_while_read")
    return deals.snapshot(
        deal, contacts.result(), companies.result(), lines.result(), labels.result()
    )


def read_properties(
    api_base: str, token: str, deal_ids: Sequence[str], wanted: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Some properties of many deals, by id, 100 to a call; deleted deals are left out."""
    found = _batch(api_base, token, "deals", deal_ids, wanted)
    return {str(deal["id"]): deal.get("properties") or {} for deal in found}


def _deal(api_base: str, token: str, deal_id: str) -> dict[str, Any]:
    query = {
        "properties": ",".join(names.DEAL_PROPERTIES),
        "associations": "contacts,companies,line_items",
    }
    deal = call(api_base, "GET", deal_path(deal_id), token=token, query=query)
    if deal.get("archived"):
        raise _unusable("The deal was deleted.", "not_found", 404)
    if any(deals.is_cut_short(deal, kind) for kind in ("contacts", "line_items")):
        words = "The deal has more contacts or line items than HubSpot lists at once."
        raise _unusable(words, "too_many_associations")
    return deal


def _batch(
    api_base: str, token: str, kind: str, ids: Sequence[str], wanted: Sequence[str]
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), _BATCH):
        inputs = [{"id": identity} for identity in ids[start : start + _BATCH]]
        body = {"properties": list(wanted), "inputs": inputs}
        data = call(api_base, "POST", f"{OBJECTS}/{kind}/batch/read", token=token, body=body)
        found |= {str(record["id"]): record for record in data.get("results", [])}
    return [found[identity] for identity in ids if identity in found]


def _labels(
    api_base: str, token: str, deal_id: str, contact_ids: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    if len(contact_ids) <= 1:
        return {}
    wanted = {"inputs": [{"id": deal_id}]}
    return deals.labels_by_contact(call(api_base, "POST", _LABELS, token=token, body=wanted))


def _unusable(words: str, code: str, status: int | None = None) -> ProviderError:
    return ProviderError(PROVIDER, FailureKind.PERMANENT, words, code=code, status=status)
