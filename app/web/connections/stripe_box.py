"""What the box of Stripe shows: the account, the key's permissions, when an event last came."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import select

from app.accounts.stripe_standing import lacking_methods
from app.db import ScopedSession
from app.language import say
from app.models import Connection, Message, Preferences, Tenant
from app.providers.stripe.permissions import PERMISSIONS, create_key_page
from app.settings import Settings
from app.wording.figures import moment


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of Stripe's form for restricted keys, and whether the key has it."""

    row: str
    level: str
    held: bool


def stripe_box(
    session: ScopedSession, settings: Settings, row: Connection | None, language: str, zone: tzinfo
) -> dict[str, Any]:
    """What the template needs beside the state that every box has."""
    testing = session.get_one(Tenant, session.scope).test_account
    said = {True: "write", False: "read"}
    levels = {said[w]: [p.row for p in PERMISSIONS if p.writes is w] for w in said}
    box: dict[str, Any] = {
        "create_url": create_key_page(settings.stripe_app_base, livemode=not testing),
        "rows": {level: ", ".join(rows) for level, rows in levels.items()},
        "ticks": [],
    }
    if row is None or not row.sealed:
        return box
    details, mode = row.details, say(language, f"stripe.mode.{'live' if row.livemode else 'test'}")
    at = {name: _moment(details.get(f"{name}_at"), language, zone) for name in NAMED}
    box |= {"account": row.account_id, "mode": mode, **at}
    chosen = session.get_one(Preferences, session.scope).methods
    box["unpayable"] = lacking_methods(row).issuperset(chosen)
    box |= {"endpoint": details.get("endpoint"), "last_event": _last_event(session, language, zone)}
    if "lacking" in details:
        box["ticks"] = [
            Tick(
                permission.row,
                say(language, f"stripe.{said[permission.writes]}"),
                permission.name not in details["lacking"],
            )
            for permission in PERMISSIONS
        ]
    return box


NAMED = ("connected", "checked")


def _moment(kept: str | None, language: str, zone: tzinfo) -> str:
    return moment(datetime.fromisoformat(kept).astimezone(zone), language) if kept else ""


def _last_event(session: ScopedSession, language: str, zone: tzinfo) -> str:
    events = select(Message.created_at).where(Message.kind == "inbox.stripe")
    last = session.scalars(events.order_by(Message.id.desc()).limit(1)).first()
    return moment(last.astimezone(zone), language) if last else ""
