"""The seller's legal numbers, checked offline by their check digits."""

from stdnum import get_cc_module
from stdnum.eu import vat
from stdnum.fr import siren

from app.accounts.preferences.form import Form

SIREN_IN_VAT = 4  # FR, two check digits, then the SIREN


def siren_number(form: Form) -> str:
    """Nine digits, or "" for a seller outside France."""
    typed = form.text("siren", 20)
    if typed and not siren.is_valid(typed):
        form.refuse("siren", "siren")
        return typed
    return str(siren.compact(typed)) if typed else ""


def vat_number(form: Form, siren_typed: str) -> str:
    """With its country's letters; a French one must be of the SIREN given."""
    typed = form.text("vat_number", 30)
    number = "".join(letter for letter in typed.upper() if letter.isalnum())
    if not typed:
        return ""
    if not _is_vat(number):
        form.refuse("vat_number", "vat_number")
    elif number.startswith("FR") and siren_typed and number[SIREN_IN_VAT:] != siren_typed:
        form.refuse("vat_number", "vat_of_another")
    return number


def _is_vat(number: str) -> bool:
    """One of the European Union, else one of a country whose rule is known."""
    if vat.is_valid(number):
        return True
    elsewhere = get_cc_module(number[:2].lower(), "vat") if number[:2].isalpha() else None
    return bool(elsewhere and elsewhere.is_valid(number))
