"""One portal's CRM: deals read whole, owners, tax rates, stages, and our properties written."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from app.errors import FailureKind, ProviderError
from app.providers.hubspot import deals, properties
from app.providers.hubspot.answers import Stage, StageEntry
from app.providers.hubspot.failures import PROVIDER
from app.providers.hubspot.transport import DATED, call
from app.snapshot import DealSnapshot, Owner, TaxRate

_OBJECTS = f"/crm/objects/{DATED}"
_BATCH = 100  # HubSpot's most per batch read


class HubSpotCrm:
    """Calls for one portal's token; connections are shared by the whole process.

    Every method raises ProviderError and nothing else.
    """

    def __init__(self, api_base: str, access_token: str) -> None:
        self._api_base = api_base
        self._token = access_token

    def read_deal(self, deal_id: str) -> DealSnapshot:
        """Read a deal with its contacts, primary company and line items.

        One read, then three at the same time (a fourth for labels when several contacts stand on
        the deal). Missing or archived: PERMANENT, code `not_found`.
        """
        deal = self._deal(deal_id, {"properties": ",".join(deals.DEAL_PROPERTIES)})
        company_id = deals.primary_company_id(deal)
        contact_ids = deals.associated_ids(deal, "contacts")
        line_ids = deals.associated_ids(deal, "line_items")
        with ThreadPoolExecutor(max_workers=4) as threads:
            contacts = threads.submit(
                self._batch, "contacts", contact_ids, deals.CONTACT_PROPERTIES
            )
            companies = threads.submit(
                self._batch,
                "companies",
                [company_id] if company_id else [],
                deals.COMPANY_PROPERTIES,
            )
            lines = threads.submit(self._batch, "line_items", line_ids, deals.LINE_PROPERTIES)
            labels = threads.submit(self._labels, deal_id, contact_ids)
        if len(lines.result()) != len(line_ids):
            raise _changed_while_read()
        return deals.snapshot(
            deal, contacts.result(), companies.result(), lines.result(), labels.result()
        )

    def read_owner(self, owner_id: str) -> Owner:
        """Read the rep behind an owner id (not a user id)."""
        data = self._get(f"/crm/owners/{DATED}/{_segment(owner_id)}")
        name = f"{data.get('firstName') or ''} {data.get('lastName') or ''}".strip()
        email = str(data.get("email") or "")
        return Owner(id=str(data["id"]), email=email, name=name or email)

    def read_tax_rates(self) -> list[TaxRate]:
        """Read every tax rate of the portal, inactive ones included (scope `tax_rates.read`)."""
        rates: list[TaxRate] = []
        query = {"limit": str(_BATCH)}
        while True:
            data = self._get(f"/tax-rates/{DATED}/tax-rates", query)
            rates += [_tax_rate(found) for found in data.get("results", [])]
            after = data.get("paging", {}).get("next", {}).get("after")
            if not after:
                return rates
            query["after"] = str(after)

    def read_stages(self) -> list[Stage]:
        """Read the deal stages in the order of their pipelines."""
        pipelines = self._get(f"/crm/pipelines/{DATED}/deals").get("results", [])
        return [
            Stage(pipeline_label=pipeline["label"], id=str(stage["id"]), label=stage["label"])
            for pipeline in sorted(pipelines, key=_shown_at)
            for stage in sorted(pipeline.get("stages", []), key=_shown_at)
        ]

    def update_deal(self, deal_id: str, values: Mapping[str, str]) -> None:
        """Write properties, all or none. A rule of the portal's own: code `VALIDATION_ERROR`.

        Datetimes go as ISO 8601 in UTC or epoch milliseconds, numbers in major units.
        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/deals/guide
        """
        path = f"{_OBJECTS}/deals/{_segment(deal_id)}"
        call(
            self._api_base,
            "PATCH",
            path,
            token=self._token,
            body={"properties": dict(values)},
            write=True,
        )

    def ensure_properties(self) -> None:
        """Create our property group and deal properties where they are missing."""
        properties.ensure_properties(self._api_base, self._token)

    def deal_stage_history(self, deal_id: str) -> list[StageEntry]:
        """Read which stages the deal entered and when, newest first as HubSpot lists them."""
        deal = self._deal(deal_id, {"propertiesWithHistory": "dealstage"})
        history = deal.get("propertiesWithHistory", {}).get("dealstage", [])
        return [StageEntry(str(entry["value"]), _instant(entry["timestamp"])) for entry in history]

    def _deal(self, deal_id: str, query: Mapping[str, str]) -> dict[str, Any]:
        neighbours = {"associations": "contacts,companies,line_items"}
        deal = self._get(f"{_OBJECTS}/deals/{_segment(deal_id)}", {**query, **neighbours})
        if deal.get("archived"):
            raise ProviderError(
                PROVIDER,
                FailureKind.PERMANENT,
                "The deal was deleted.",
                code="not_found",
                status=404,
            )
        if any(deals.is_cut_short(deal, kind) for kind in ("contacts", "line_items")):
            raise ProviderError(
                PROVIDER,
                FailureKind.PERMANENT,
                "The deal has more contacts or line items than HubSpot lists at once.",
                code="too_many_associations",
            )
        return deal

    def _batch(self, kind: str, ids: Sequence[str], names: Sequence[str]) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(ids), _BATCH):
            inputs = [{"id": identity} for identity in ids[start : start + _BATCH]]
            wanted = {"properties": list(names), "inputs": inputs}
            data = self._read_by_post(f"{_OBJECTS}/{kind}/batch/read", wanted)
            found |= {str(record["id"]): record for record in data.get("results", [])}
        return [found[identity] for identity in ids if identity in found]

    def _labels(self, deal_id: str, contact_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        if len(contact_ids) <= 1:
            return {}
        path = f"/crm/associations/{DATED}/deals/contacts/batch/read"
        return deals.labels_by_contact(self._read_by_post(path, {"inputs": [{"id": deal_id}]}))

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return call(self._api_base, "GET", path, token=self._token, query=query)

    def _read_by_post(self, path: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        return call(self._api_base, "POST", path, token=self._token, body=wanted)


def _tax_rate(found: Mapping[str, Any]) -> TaxRate:
    percentage = Decimal(str(found["percentageRate"])).normalize()
    label = str(found.get("label") or found.get("name") or "")
    return TaxRate(str(found["id"]), label, f"{percentage:f}", bool(found["active"]))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _segment(identity: str) -> str:
    return quote(identity, safe="")


def _shown_at(record: Mapping[str, Any]) -> int:
    return int(record.get("displayOrder") or 0)


def _changed_while_read() -> ProviderError:
    return ProviderError(
        PROVIDER,
        FailureKind.RETRYABLE,
        "The deal changed while it was read.",
        code="changed_while_read",
    )
