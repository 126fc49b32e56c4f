"""The sections of the preferences page: what each takes, and where it is kept."""

from collections.abc import Callable, Mapping

from app.accounts.preferences.form import Form
from app.db import Database, ScopedSession
from app.language import LANGUAGES
from app.models import Preferences

LONGEST_VALIDITY = 365

Values = Mapping[str, str | int]


def save_section(
    database: Database, tenant_id: int, section: str, typed: Mapping[str, str], language: str
) -> None:
    """Save one section of `SECTIONS`; raises `FormError` and changes nothing when it is wrong."""
    form = Form(typed, language)
    values = SECTIONS[section](form)
    form.finish()
    with database.writing(tenant_id) as session:
        _keep(session, values)


def _keep(session: ScopedSession, values: Values) -> None:
    row = session.get_one(Preferences, session.scope)
    for name, value in values.items():
        setattr(row, name, value)


def _seller(form: Form) -> Values:
    return {
        "seller_name": form.text("seller_name", 200, missing="seller_missing"),
        "seller_address": form.text("seller_address", 1000),
    }


def _offers(form: Form) -> Values:
    return {
        "language": form.choice("language", LANGUAGES),
        "validity_days": form.number("validity_days", "days", 1, LONGEST_VALIDITY),
        "billing_label": form.text("billing_label", 100),
    }


def _mail(form: Form) -> Values:
    return {
        "sender_name": form.text("sender_name", 100),
        "reply_to": form.address("reply_to"),
    }


def _terms(form: Form) -> Values:
    return {"terms": form.text("terms", 20_000)}


def _stages(form: Form) -> Values:
    return {f"stage_{event}": form.text(f"stage_{event}", 100) for event in STAGED}


STAGED = ("sent", "accepted", "paid")
SECTIONS: Mapping[str, Callable[[Form], Values]] = {
    "seller": _seller,
    "offers": _offers,
    "mail": _mail,
    "terms": _terms,
    "stages": _stages,
}
