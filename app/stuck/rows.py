"""Messages that are open, dead or ignored: counted, listed, and what each is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from app.claims.lanes import OPEN
from app.db import ScopedSession
from app.errors import AppError
from app.language import say
from app.models import Decision, Message, Tenant
from app.proposals.named import named_deal, named_proposal

STATUSES: Mapping[str, tuple[str, ...]] = {
    "open": OPEN,
    "dead": ("dead",),
    "ignored": ("ignored",),
}


@dataclass(frozen=True, slots=True)
class Which:
    """Which messages: of one kind, one of `STATUSES` and one HubSpot account, where given."""

    kind: str = ""
    status: str = ""
    hub_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """For a query that joins `Tenant`."""
        statuses = [s for name, some in STATUSES.items() if self.status in ("", name) for s in some]
        found: list[ColumnElement[bool]] = [Message.status.in_(statuses)]
        if self.kind:
            found.append(Message.kind == self.kind)
        if self.hub_id is not None:
            found.append(Tenant.hub_id == self.hub_id)
        return found


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages of a kind stand there (`status` of `STATUSES`), and since when."""

    kind: str
    status: str
    number: int
    oldest_at: datetime


def count_messages(session: ScopedSession, which: Which) -> list[Count]:
    """The oldest first."""
    shown = case((Message.status.in_(STATUSES["open"]), "open"), else_=Message.status)
    oldest = func.min(Message.created_at)
    counted = (
        select(Message.kind, shown.label("shown"), func.count(), oldest)
        .join(Tenant, Tenant.id == Message.tenant_id)
        .where(*which.conditions())
        .group_by(Message.kind, "shown")
        .order_by(oldest, Message.kind)
    )
    return [Count(*row) for row in session.execute(counted)]


def list_messages(
    session: ScopedSession, which: Which, limit: int
) -> Sequence[tuple[Message, int]]:
    """The oldest messages, each with the hub id of its account."""
    found = (
        select(Message, Tenant.hub_id)
        .join(Tenant, Tenant.id == Message.tenant_id)
        .where(*which.conditions())
        .order_by(Message.created_at, Message.id)
        .limit(limit)
    )
    return [(message, hub_id) for message, hub_id in session.execute(found)]


def get_message(session: ScopedSession, message_id: int, language: str) -> tuple[Message, int]:
    """The message and the hub id of its account. Raises `AppError` with a sentence."""
    found = select(Message, Tenant.hub_id).join(Tenant, Tenant.id == Message.tenant_id)
    row = session.execute(found.where(Message.id == message_id)).one_or_none()
    if row is None:
        raise AppError("usage", say(language, "messages.unknown", ids=message_id))
    return row.Message, row.hub_id


def decisions_about(session: ScopedSession, message_id: int) -> Sequence[Decision]:
    """What people decided about a message, the oldest first."""
    made = select(Decision).where(Decision.message_id == message_id)
    return session.scalars(made.order_by(Decision.id)).all()


def about(session: ScopedSession, message: Message, language: str) -> str:
    """A proposal's number, a deal's id in HubSpot, an event's type and object; "" for neither."""
    given: Mapping[str, Any] = message.payload
    if "event" in given:
        event = given["event"]
        return f"{event.get('type', '')} {event.get('data', {}).get('object', {}).get('id', '')}"
    if proposal := named_proposal(session, given):
        return proposal.number
    if deal := named_deal(session, given):
        return say(language, "messages.deal", id=deal.hubspot_deal_id)
    return str(given.get("provider", ""))
