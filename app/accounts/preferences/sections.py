"""The sections of the preferences page: what each takes, and where it is kept."""

from collections.abc import Callable, Mapping
from functools import cache
from zoneinfo import available_timezones

from app.accounts.preferences.form import Form
from app.accounts.preferences.identity import siren_number, vat_number
from app.accounts.preferences.keep import Values, keep
from app.accounts.preferences.staging import save_stages
from app.accounts.preferences.telling import save_rules
from app.audit import Who
from app.db import Database, ScopedSession
from app.language import LANGUAGES
from app.methods import METHODS
from app.money import LISTED_CURRENCIES
from app.wording.colour import is_colour, suits_white_words

LONGEST_VALIDITY = 365
RETENTION = (30, 3650)
MACHINES = ("Etc/", "SystemV/", "posix/", "right/")


def save_section(
    database: Database,
    tenant_id: int,
    section: str,
    typed: Mapping[str, str],
    language: str,
    *,
    who: Who,
) -> None:
    """Save one section of `SECTIONS`; raises `FormError` and changes nothing when it is wrong."""
    form = Form(typed, language)
    with database.writing(tenant_id) as session:
        if section in TABLES:
            TABLES[section](session, form, who)
        else:
            values = COLUMNS[section](form)
            form.finish()
            keep(session, values, who)


@cache
def time_zones() -> tuple[str, ...]:
    """The places by which people know their time zone, sorted; no machine's own names."""
    places = {name for name in available_timezones() if "/" in name}
    return ("UTC", *sorted(name for name in places if not name.startswith(MACHINES)))


def _seller(form: Form) -> Values:
    return {
        "seller_name": form.text("seller_name", 200, missing="seller_missing"),
        "legal_form": form.text("legal_form", 100),
        "seller_address": form.lines("seller_address", 1000),
        "siren": (siren := siren_number(form)),
        "vat_number": vat_number(form, siren),
    }


def _offers(form: Form) -> Values:
    return {
        "language": form.choice("language", LANGUAGES),
        "time_zone": form.choice("time_zone", ("", *time_zones())),
        "currency": form.choice("currency", ("", *LISTED_CURRENCIES)),
        "validity_days": form.number("validity_days", "days", 1, LONGEST_VALIDITY),
        "billing_label": form.text("billing_label", 100),
    }


def _look(form: Form) -> Values:
    colour = form.text("colour", 7).lower()
    if not is_colour(colour):
        form.refuse("colour", "colour")
    elif not suits_white_words(colour):
        form.refuse("colour", "colour_too_light")
    return {"colour": colour}


def _methods(form: Form) -> Values:
    chosen = [method for method in METHODS if form.is_ticked(f"method_{method}")]
    if not chosen:
        form.refuse("methods", "methods")
    return {"methods": chosen}


def _mail(form: Form) -> Values:
    return {
        "sender_name": form.text("sender_name", 100),
        "reply_to": form.address("reply_to"),
    }


def _terms(form: Form) -> Values:
    return {"terms": form.lines("terms", 20_000)}


def _quiet(form: Form) -> Values:
    begin, end = form.time("quiet_from"), form.time("quiet_until")
    if bool(begin) != bool(end) or (begin and begin == end):
        form.refuse("quiet_until" if begin else "quiet_from", "quiet")
    return {"quiet_from": begin, "quiet_until": end}


def _data(form: Form) -> Values:
    return {"retention_days": form.number("retention_days", "retention", *RETENTION)}


# Those that are columns of one row.
COLUMNS: Mapping[str, Callable[[Form], Values]] = {
    "seller": _seller,
    "offers": _offers,
    "look": _look,
    "methods": _methods,
    "mail": _mail,
    "terms": _terms,
    "quiet": _quiet,
    "data": _data,
}
# Those with tables of their own.
TABLES: Mapping[str, Callable[[ScopedSession, Form, Who], None]] = {
    "stages": save_stages,
    "told": save_rules,
}
SECTIONS = (*COLUMNS, *TABLES)
