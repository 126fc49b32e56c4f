"""Our customers, products and tax rates as Stripe knows them: each made once and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db import Database, ScopedSession, find_or_add
from app.models import StripeMirror


@dataclass(frozen=True, slots=True)
class Mirror:
    """A row of ours that may have its Stripe object; `operation_key` makes it at most once."""

    id: int
    kind: str
    our_key: str
    stripe_id: str
    operation_key: str


def buyer_key(company_id: str | None, contact_id: str) -> str:
    """Who buys: the company where there is one, else the person."""
    return f"company:{company_id}" if company_id else f"contact:{contact_id}"


def buyer_of(document: Mapping[str, Any]) -> str:
    company = document["company"]
    return buyer_key(company["id"] if company else None, document["recipient"]["contact_id"])


def rate_key(line: Mapping[str, Any]) -> str:
    """A changed percentage is another rate: Stripe's do not change either."""
    return f"{line['tax_rate_id']}:{line['tax_percentage']}"


def mirror(database: Database, tenant_id: int, account_id: str, kind: str, our_key: str) -> Mirror:
    """The row for this key, stored before anything is made in Stripe under its name."""
    with database.writing(tenant_id) as session:
        row = find_or_add(
            session,
            lambda: _find(session, account_id, kind, our_key),
            StripeMirror(stripe_account_id=account_id, kind=kind, our_key=our_key),
        )
        key = f"{tenant_id}:{kind}:{row.id}"
        return Mirror(row.id, kind, our_key, row.stripe_id, key)


def keep_mirror(
    database: Database, tenant_id: int, made: Mirror, stripe_id: str, *, has_credit: bool = False
) -> None:
    with database.writing(tenant_id) as session:
        row = session.get_one(StripeMirror, made.id)
        row.stripe_id, row.has_credit = stripe_id, has_credit


def _find(session: ScopedSession, account_id: str, kind: str, our_key: str) -> StripeMirror | None:
    return session.scalars(
        select(StripeMirror).where(
            StripeMirror.stripe_account_id == account_id,
            StripeMirror.kind == kind,
            StripeMirror.our_key == our_key,
        )
    ).first()
