"""HubSpot's JSON of a deal and its neighbours, read into a snapshot."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.providers.hubspot.names import UNSUPPORTED
from app.snapshot import Company, Contact, DealSnapshot, Line

Record = Mapping[str, Any]


def associated_ids(deal: Record, kind: str) -> list[str]:
    """Ids of the deal's associated records in HubSpot's order, each once."""
    return list(dict.fromkeys(str(found["id"]) for found in _associated(deal, kind)["results"]))


def is_cut_short(deal: Record, kind: str) -> bool:
    """Whether HubSpot listed only the first of the deal's associated records."""
    return bool((_associated(deal, kind).get("paging") or {}).get("next"))


def primary_company_id(deal: Record) -> str | None:
    """The primary company; the others carry the unlabeled association type only."""
    results = _associated(deal, "companies")["results"]
    primary = (found for found in results if "unlabeled" not in found.get("type", ""))
    chosen = next(primary, results[0] if results else None)
    return str(chosen["id"]) if chosen else None


def snapshot(
    deal: Record,
    contacts: Iterable[Record],
    companies: Iterable[Record],
    lines: Iterable[Record],
    labels: Mapping[str, tuple[str, ...]],
) -> DealSnapshot:
    """Put the reads together. `currency` is "" where the portal keeps one currency only."""
    return DealSnapshot(
        id=str(deal["id"]),
        name=_text(deal, "dealname"),
        amount=_text(deal, "amount"),
        currency=_text(deal, "deal_currency_code"),
        owner_id=_text(deal, "hubspot_owner_id"),
        pipeline_id=_text(deal, "pipeline"),
        contacts=tuple(_contact(record, labels) for record in contacts),
        company=next((_company(record) for record in companies), None),
        lines=tuple(_line(record) for record in sorted(lines, key=_place)),
    )


def labels_by_contact(answer: Record) -> dict[str, tuple[str, ...]]:
    """The labels of each contact from a batch read of the deal's associations."""
    return {
        str(to["toObjectId"]): tuple(
            kind["label"] for kind in to.get("associationTypes", []) if kind.get("label")
        )
        for result in answer.get("results", [])
        for to in result.get("to", [])
    }


def _associated(deal: Record, kind: str) -> Record:
    # Line items are asked for as `line_items` and come back as `line items`.
    found = deal.get("associations") or {}
    return found.get(kind) or found.get(kind.replace("_", " ")) or {"results": []}


def _contact(record: Record, labels: Mapping[str, tuple[str, ...]]) -> Contact:
    return Contact(
        id=str(record["id"]),
        first_name=_text(record, "firstname"),
        last_name=_text(record, "lastname"),
        email=_text(record, "email"),
        labels=labels.get(str(record["id"]), ()),
    )


def _company(record: Record) -> Company:
    return Company(
        id=str(record["id"]),
        name=_text(record, "name"),
        street=_text(record, "address"),
        street2=_text(record, "address2"),
        postal_code=_text(record, "zip"),
        city=_text(record, "city"),
        country=_text(record, "country") or _text(record, "hs_country_code"),
        vat_number=_text(record, "vat_number"),
        siren=_text(record, "siren"),
        country_code=_text(record, "hs_country_code"),
    )


def _line(record: Record) -> Line:
    return Line(
        id=str(record["id"]),
        name=_text(record, "name"),
        description=_text(record, "description"),
        product_id=_text(record, "hs_product_id"),
        price=_text(record, "price"),
        quantity=_text(record, "quantity"),
        currency=_text(record, "hs_line_item_currency_code"),
        frequency=_text(record, "recurringbillingfrequency"),
        unit_discount=_text(record, "discount"),
        discount_percentage=_text(record, "hs_discount_percentage"),
        tax_rate_id=_text(record, "hs_tax_rate_group_id"),
        amount=_text(record, "amount"),
        unsupported=_unsupported(record),
    )


def _unsupported(record: Record) -> dict[str, str]:
    said = {name: _text(record, name) for name in UNSUPPORTED}
    return {
        name: value
        for name, value in said.items()
        if value and value.lower() not in UNSUPPORTED[name]
    }


def _place(record: Record) -> tuple[float, int]:
    position = _text(record, "hs_position_on_quote")
    identity = str(record["id"])
    return (
        float(position) if position.lstrip("-").isdigit() else float("inf"),
        int(identity) if identity.isdigit() else 0,
    )


def _text(record: Record, name: str) -> str:
    value = record.get("properties", {}).get(name)
    if value is None:
        return ""
    # Lone surrogates and NUL are legal in JSON and break every store and wire after it.
    return str(value).encode("utf-8", "replace").decode().replace("\0", "").strip()
