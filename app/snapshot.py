"""What the CRM said of one deal at one moment, as plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Contact:
    """A person on the deal; `labels` are the association's labels, where they were read."""

    id: str
    first_name: str
    last_name: str
    email: str
    labels: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email


@dataclass(frozen=True, slots=True)
class Company:
    """The deal's primary company; every field may be empty.

    `country` is what people wrote, `country_code` the code that HubSpot derived from it.
    """

    id: str
    name: str
    street: str = ""
    street2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    vat_number: str = ""
    siren: str = ""
    country_code: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line item. Money and quantities are the CRM's decimal texts; "" where it gave none.

    `unit_discount` is money off each unit, `discount_percentage` is in percent, `amount` is
    HubSpot's own net of the line. `unsupported` names properties that change the price in a way
    that is not billed yet (tiers, terms, delayed starts), with their values.
    """

    id: str
    name: str
    description: str
    product_id: str
    price: str
    quantity: str
    currency: str
    frequency: str
    unit_discount: str
    discount_percentage: str
    tax_rate_id: str
    amount: str
    unsupported: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DealSnapshot:
    """A deal with everything a proposal is made from; its pipeline is kept beside the snapshot."""

    id: str
    name: str
    amount: str
    currency: str
    owner_id: str
    contacts: tuple[Contact, ...]
    company: Company | None
    lines: tuple[Line, ...]
    pipeline_id: str = ""

    def as_json(self) -> dict[str, Any]:
        """Without the pipeline: the version before, which may still run, does not know it."""
        return {name: value for name, value in asdict(self).items() if name != "pipeline_id"}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DealSnapshot":
        company = data["company"]
        contacts = (Contact(**{**c, "labels": tuple(c["labels"])}) for c in data["contacts"])
        return cls(
            **{
                **data,
                "contacts": tuple(contacts),
                "company": Company(**company) if company else None,
                "lines": tuple(Line(**line) for line in data["lines"]),
            }
        )


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One of the portal's tax rates; `percentage` is decimal text ("20", "5.5")."""

    id: str
    label: str
    percentage: str
    active: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """The rep a deal belongs to."""

    id: str
    email: str
    name: str
