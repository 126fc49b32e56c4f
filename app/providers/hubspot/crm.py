"""One portal's CRM: deals read whole, owners, tax rates, stages, and our properties written."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from app.providers.hubspot import deal_reads, properties
from app.providers.hubspot.answers import Place, Stage, StageEntry
from app.providers.hubspot.comparison import otherwise
from app.providers.hubspot.transport import DATED, call
from app.snapshot import DealSnapshot, Owner, TaxRate


class HubSpotCrm:
    """Calls for one portal's token; connections are shared by the whole process.

    Every method raises ProviderError and nothing else.
    """

    def __init__(self, api_base: str, access_token: str) -> None:
        self._api_base = api_base
        self._token = access_token

    def read_deal(self, deal_id: str) -> DealSnapshot:
        """Read a deal with its neighbours: four reads, five with several contacts.

        Missing or archived: PERMANENT, code `not_found`.
        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/deals/guide
        """
        return deal_reads.read_deal(self._api_base, self._token, deal_id)

    def read_owner(self, owner_id: str) -> Owner:
        """Read the rep behind an owner id (not a user id).

        https://developers.hubspot.com/docs/api-reference/latest/crm/owners/guide
        """
        data = self._get(f"/crm/owners/{DATED}/{quote(owner_id, safe='')}")
        name = f"{data.get('firstName') or ''} {data.get('lastName') or ''}".strip()
        email = str(data.get("email") or "")
        return Owner(id=str(data["id"]), email=email, name=name or email)

    def read_tax_rates(self) -> list[TaxRate]:
        """Read every tax rate of the portal, inactive ones included (scope `tax_rates.read`).

        https://developers.hubspot.com/docs/api-reference/latest/account/settings/tax-rates/get-tax-rates
        """
        rates: list[TaxRate] = []
        query = {"limit": "100"}
        while True:
            data = self._get(f"/tax-rates/{DATED}/tax-rates", query)
            rates += [_tax_rate(found) for found in data.get("results", [])]
            after = ((data.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                return rates
            query["after"] = str(after)

    def read_stages(self) -> list[Stage]:
        """Read the deal stages in the order of their pipelines.

        https://developers.hubspot.com/docs/api-reference/latest/crm/pipelines/guide
        """
        pipelines = self._get(f"/crm/pipelines/{DATED}/deals").get("results", [])
        return [
            Stage(str(pipeline["id"]), pipeline["label"], str(stage["id"]), stage["label"])
            for pipeline in sorted(pipelines, key=_shown_at)
            for stage in sorted(pipeline.get("stages", []), key=_shown_at)
        ]

    def update_deal(self, deal_id: str, values: Mapping[str, str]) -> None:
        """Write properties, all or none. Refused by a rule of the portal: status 400.

        Datetimes go as ISO 8601 in UTC or epoch milliseconds, numbers in major units.
        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/deals/guide
        """
        body = {"properties": dict(values)}
        path = deal_reads.deal_path(deal_id)
        call(self._api_base, "PATCH", path, token=self._token, body=body, write=True)

    def differing_deals(
        self, written: Mapping[str, Mapping[str, str]]
    ) -> dict[str, dict[str, str] | None]:
        """The deals that do not say what we wrote, by id, with what they say instead.

        `written` is what each deal should say; None stands for a deal that was deleted. One call
        for 100 deals. https://developers.hubspot.com/docs/api-reference/latest/crm/objects/deals/guide
        """
        names = sorted({name for values in written.values() for name in values})
        read = deal_reads.read_properties(self._api_base, self._token, list(written), names)
        compared = {
            deal_id: otherwise(values, read[deal_id]) if deal_id in read else None
            for deal_id, values in written.items()
        }
        return {deal_id: found for deal_id, found in compared.items() if found != {}}

    def uninstall(self) -> None:
        """Remove us from the portal; its tokens are worth nothing after it. Again: AUTH.

        https://developers.hubspot.com/docs/api-reference/latest/account/app-uninstallation
        """
        path = f"/appinstalls/{DATED}/external-install"
        call(self._api_base, "DELETE", path, token=self._token, write=True)

    def ensure_properties(self) -> None:
        """Create our property group and deal properties where they are missing.

        https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
        """
        properties.ensure_properties(self._api_base, self._token)

    def property_labels(self, names: Sequence[str]) -> dict[str, str]:
        """How the portal's people call these deal properties, by name; unknown ones are left out.

        https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
        """
        return properties.read_labels(self._api_base, self._token, names)

    def deal_stage_history(self, deal_id: str) -> list[StageEntry]:
        """Read which stages the deal entered and when, newest first.

        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/deals/guide
        """
        deal = self._get(deal_reads.deal_path(deal_id), {"propertiesWithHistory": "dealstage"})
        history = (deal.get("propertiesWithHistory") or {}).get("dealstage", [])
        return [_stage_entry(entry) for entry in history]

    def deal_place(self, deal_id: str) -> Place:
        """Read in which pipeline and stage the deal is now.

        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/deals/guide
        """
        deal = self._get(deal_reads.deal_path(deal_id), {"properties": "pipeline,dealstage"})
        found = deal.get("properties") or {}
        return Place(str(found.get("pipeline") or ""), str(found.get("dealstage") or ""))

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return call(self._api_base, "GET", path, token=self._token, query=query)


def _tax_rate(found: Mapping[str, Any]) -> TaxRate:
    percentage = Decimal(str(found["percentageRate"])).normalize()
    label = str(found.get("label") or found.get("name") or "")
    return TaxRate(str(found["id"]), label, f"{percentage:f}", bool(found["active"]))


def _stage_entry(found: Mapping[str, Any]) -> StageEntry:
    by_app = found.get("sourceType") == "INTEGRATION"
    return StageEntry(str(found["value"]), _instant(found["timestamp"]), by_app)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _shown_at(record: Mapping[str, Any]) -> int:
    return int(record.get("displayOrder") or 0)
