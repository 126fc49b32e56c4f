"""What a tenant may choose, checked as a whole."""

from collections.abc import Mapping

from app.addresses import is_address
from app.db import Database
from app.errors import AppError
from app.language import LANGUAGES, say
from app.models import Preferences

TEXTS = {
    "seller_name": 200,
    "seller_address": 1000,
    "sender_name": 100,
    "reply_to": 254,
    "terms": 20000,
    "billing_label": 100,
    "stage_sent": 100,
    "stage_accepted": 100,
    "stage_paid": 100,
}
LONGEST_VALIDITY = 365


def change_preferences(
    database: Database, tenant_id: int, typed: Mapping[str, str], language: str
) -> None:
    """Store the form; raises `AppError` with one sentence and changes nothing when it is wrong."""
    texts = {name: typed.get(name, "").replace("\0", "").strip() for name in TEXTS}
    days = typed.get("validity_days", "").strip()
    if not texts["seller_name"]:
        raise AppError("seller_missing", say(language, "connect.seller_missing"))
    if not is_address(texts["reply_to"]):
        raise AppError("reply_to_wrong", say(language, "connect.reply_to_wrong"))
    if not (days.isdecimal() and 1 <= int(days) <= LONGEST_VALIDITY):
        raise AppError("days_wrong", say(language, "connect.days_wrong", most=LONGEST_VALIDITY))
    if typed.get("language") not in LANGUAGES:
        raise AppError("language_wrong", say(language, "connect.language_wrong"))
    too_long = [name for name, longest in TEXTS.items() if len(texts[name]) > longest]
    if too_long:
        raise AppError("too_long", say(language, "connect.too_long", most=TEXTS[too_long[0]]))
    with database.writing(tenant_id) as session:
        row = session.get_one(Preferences, tenant_id)
        for name, text in texts.items():
            setattr(row, name, text)
        row.validity_days, row.language = int(days), typed["language"]
