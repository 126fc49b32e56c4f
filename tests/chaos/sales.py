"""What is sold in the storm, and what it must come to: figured here, not by the product."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

# Portal, the rep who clicks, her owner id, her address: the sandbox's own people.
REPS = (
    (148111, 7001, "9001", "dana@maison.example"),
    (148111, 7003, "9003", "karim@maison.example"),
    (148222, 7002, "9001", "alix@autre-maison.example"),
)
# What the customer enters, time after time, until something is taken.
WAYS = (
    ("card_ok",),
    ("card_ok",),
    ("card_3ds_now",),
    ("card_3ds_at_charge",),
    ("card_declined", "card_ok"),
    ("sepa_ok",),
)
SHAPES = ("recurring", "one-off", "mixed")
_KEY = re.compile(r"atelier[ -](\d{4,})", re.IGNORECASE)
_TAX = 20
_RATE_ID = "7120"


@dataclass
class Sale:
    """One deal, its customer, and what happened as far as she knows."""

    key: str
    portal: int
    user: int
    owner: str
    rep_email: str
    way: tuple[str, ...]
    lines: list[dict[str, str]]
    deal: str = ""
    link: str = ""
    accepted: bool = False  # she was led on to the payment
    settled: bool = False  # she saw that it is paid, or that her debit is under way
    seen: list[str] = field(default_factory=list)  # her troubles, for who looks into a failure

    @property
    def email(self) -> str:
        return f"jeanne@atelier-{self.key}.example"

    @property
    def method(self) -> str:
        return "sepa_debit" if self.way[0].startswith("sepa") else "card"

    @property
    def recurring(self) -> bool:
        return any("recurringbillingfrequency" in line for line in self.lines)

    @property
    def due_minor(self) -> int:
        """The first charge in cents, tax included; every line comes to whole cents."""
        return sum(_line_minor(line) for line in self.lines)

    def described(self) -> dict[str, Any]:
        """The deal as the sandbox's control API makes it."""
        company = f"Atelier {self.key}"
        contact = {"firstname": "Jeanne", "lastname": "Martin", "email": self.email}
        return {
            "portal": self.portal,
            "dealname": f"{company} : coworking",
            "dealstage": "presentationscheduled",
            "currency": "EUR",
            "owner": self.owner,
            "company": {"name": company, "address": "12 rue des Lilas", "city": "Paris"},
            "contacts": [contact],
            "lines": self.lines,
        }


def make_sale(number: int, rng: Random) -> Sale:
    """The next sale; number by number every shape meets every way."""
    shape, way = SHAPES[number % len(SHAPES)], WAYS[(number // len(SHAPES)) % len(WAYS)]
    portal, user, owner, email = REPS[number % 2 * 2] if number % 5 else REPS[1]
    monthly = _line("Poste en coworking", 100 * rng.randint(5, 90), monthly=True)
    once = _line("Salle Mozart, journée", 100 * rng.randint(5, 90), monthly=False)
    lines = {"recurring": [monthly], "one-off": [once], "mixed": [monthly, once]}[shape]
    return Sale(f"{number:04d}", portal, user, owner, email, way, lines)


def key_in(text: str) -> str | None:
    """The sale that a text names by its company or its customer's address."""
    found = _KEY.search(text)
    return found.group(1) if found else None


def _line(name: str, cents: int, *, monthly: bool) -> dict[str, str]:
    line = {"name": name, "quantity": "1", "price": f"{cents / 100:.2f}"}
    rhythm = {"recurringbillingfrequency": "monthly"} if monthly else {}
    return {**line, **rhythm, "hs_tax_rate_group_id": _RATE_ID}


def _line_minor(line: dict[str, str]) -> int:
    euros, cents = line["price"].split(".")
    return (int(euros) * 100 + int(cents)) * (100 + _TAX) // 100
