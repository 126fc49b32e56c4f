"""Which Stripe customer, product or tax rate stands for which of ours; each made once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db import Database, ScopedSession, find_or_add
from app.models import StripeMirror, Tenant


@dataclass(frozen=True, slots=True)
class Mirror:
    """One row; `stripe_id` is "" until made. `operation_key` lets Stripe make it once at most."""

    id: int
    kind: str
    our_key: str
    stripe_id: str
    operation_key: str
    given: dict[str, Any]


def buyer_key(company_id: str | None, contact_id: str) -> str:
    """The key of the buyer: the company where there is one, else the person."""
    return f"company:{company_id}" if company_id else f"contact:{contact_id}"


def buyer_of(document: Mapping[str, Any]) -> str:
    company = document["company"]
    return buyer_key(company["id"] if company else None, document["recipient"]["contact_id"])


def buyer_mark(session: ScopedSession, our_key: str) -> dict[str, str]:
    """The metadata by which a customer is known to be ours: which portal's, which buyer's."""
    hub_id = session.get_one(Tenant, session.scope).hub_id
    return {"propale_buyer": f"{hub_id}:{our_key}"}


def rate_key(line: Mapping[str, Any]) -> str:
    """The key of a tax rate. With another percentage it is another rate, as in Stripe."""
    return f"{line['tax_rate_id']}:{line['tax_percentage']}"


def mirror(
    database: Database,
    tenant_id: int,
    account_id: str,
    kind: str,
    our_key: str,
    *,
    given: Mapping[str, Any] | None = None,
) -> Mirror:
    """Find or store the row for this key, before anything is made in Stripe for it.

    `given` (the object's parameters) is stored once and not changed later, because a repeated
    operation key must carry the same parameters.
    """
    with database.writing(tenant_id) as session:
        row = find_or_add(
            session,
            lambda: _find(session, account_id, kind, our_key),
            StripeMirror(stripe_account_id=account_id, kind=kind, our_key=our_key),
        )
        row.given = row.given or dict(given or {})
        key = f"{kind}:{row.id}:{row.tries}"
        return Mirror(row.id, kind, our_key, row.stripe_id, key, row.given)


def keep_mirror(
    database: Database, tenant_id: int, made: Mirror, stripe_id: str, *, has_credit: bool = False
) -> str:
    """Store which object it is; returns its id."""
    with database.writing(tenant_id) as session:
        row = session.get_one(StripeMirror, made.id)
        row.stripe_id, row.has_credit = stripe_id, has_credit
    return stripe_id


def forget_mirror(database: Database, tenant_id: int, gone: Mirror) -> None:
    """The object was deleted in Stripe: the next one gets a new operation key."""
    with database.writing(tenant_id) as session:
        row = session.get_one(StripeMirror, gone.id)
        row.stripe_id, row.given, row.has_credit = "", {}, False
        row.tries += 1


def _find(session: ScopedSession, account_id: str, kind: str, our_key: str) -> StripeMirror | None:
    return session.scalars(
        select(StripeMirror).where(
            StripeMirror.stripe_account_id == account_id,
            StripeMirror.kind == kind,
            StripeMirror.our_key == our_key,
        )
    ).first()
