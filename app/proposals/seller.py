"""The seller as a proposal shows it: frozen when the proposal is drafted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.language import say
from app.models import Preferences
from app.wording.colour import OURS


@dataclass(frozen=True, slots=True)
class Seller:
    """What is frozen of the seller. Documents of before a field was added have its default.

    `logo` and `terms_file` are the SHA-256 of the files, so the document's own hash covers them.
    """

    name: str
    address: str
    terms: str
    legal_form: str = ""
    siren: str = ""
    vat_number: str = ""
    colour: str = OURS
    logo: str = ""
    terms_file: str = ""
    terms_file_name: str = ""

    def about(self, language: str) -> list[str]:
        """Legal form, address and numbers, a line each: what the law wants to be told."""
        numbers = (("siren", _in_threes(self.siren)), ("vat_number", self.vat_number))
        said = [
            say(language, f"page.company.{name}", number=text) for name, text in numbers if text
        ]
        lines = [self.legal_form, *self.address.splitlines(), *said]
        return [line.strip() for line in lines if line.strip()]


def _in_threes(siren: str) -> str:
    """`812 345 678`, kept on one line."""
    return "\u00a0".join(siren[place : place + 3] for place in range(0, len(siren), 3))


def seller_now(preferences: Preferences) -> Seller:
    """The seller as the preferences describe it today."""
    return Seller(
        name=preferences.seller_name,
        address=preferences.seller_address,
        terms=preferences.terms,
        legal_form=preferences.legal_form,
        siren=preferences.siren,
        vat_number=preferences.vat_number,
        colour=preferences.colour,
        logo=preferences.logo,
        terms_file=preferences.terms_file,
        terms_file_name=preferences.terms_file_name,
    )


def seller_of(document: Mapping[str, Any]) -> Seller:
    """The seller frozen in this document."""
    return Seller(**document["seller"])
