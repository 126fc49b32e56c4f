"""Which Stripe customer, product or tax rate stands for which of ours; each made once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update

from app.billing.steps import BEGUN, DONE, UNDONE, run_once
from app.clock import wall_now
from app.db import Database, ScopedSession, changed_rows, find_or_add
from app.models import Operation, StripeMirror, Tenant


@dataclass(frozen=True, slots=True)
class MirrorKey:
    """What of ours is mirrored in which Stripe account: kind customer|product|tax_rate."""

    tenant_id: int
    account_id: str
    kind: str
    our_key: str


@dataclass(frozen=True, slots=True)
class Mirrored:
    """An object at Stripe, of which only the id matters."""

    id: str


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


def product_key(line: Mapping[str, Any]) -> str:
    """The key of a line's product: HubSpot's id, else its name, of which an index takes a hash."""
    key = str(line["product_key"])
    named, _, name = key.partition("name:")
    return key if named else f"name:{sha256(name.encode()).hexdigest()}"


def mirrored(
    database: Database,
    key: MirrorKey,
    given: Mapping[str, Any],
    *,
    look: Callable[[Mapping[str, Any]], str | None],
    make: Callable[[Operation], str],
) -> str:
    """The id of the Stripe object for this key; made with `given`, once, if there is none yet.

    `look` and `make` return its id, as for `once`; both get the figures of the first try, which
    may be another's than the caller's.
    """

    def found() -> Mirrored | None:
        known = look(row.given)
        return Mirrored(known) if known else None

    def made(operation: Operation) -> Mirrored:
        return Mirrored(make(operation))

    with database.writing(key.tenant_id) as session:
        row, new = _find_or_begin(session, key, given)
    return run_once(database, row, given, new=new, look=found, make=made).object_id


def find_mirror(database: Database, key: MirrorKey) -> StripeMirror | None:
    """The row of this key, whether or not its object is made."""
    with database.reading(key.tenant_id) as session:
        return session.scalars(_rows_of(key)).first()


def keep_mirror(
    database: Database, key: MirrorKey, stripe_id: str, *, has_credit: bool = False
) -> None:
    """Store which object it is, as read in Stripe."""
    with database.writing(key.tenant_id) as session:
        row, _ = _find_or_begin(session, key, {})
        row.state, row.done_at, row.object_id = DONE, wall_now(), stripe_id
        row.has_credit = has_credit


def forget_mirror(database: Database, tenant_id: int, stripe_id: str) -> bool:
    """The object was deleted in Stripe: the next one gets a new key. False if it is none of ours.

    A mirror that meanwhile stands for another object is left as it is.
    """
    gone = update(StripeMirror).where(
        StripeMirror.tenant_id == tenant_id, StripeMirror.object_id == stripe_id
    )
    with database.writing(tenant_id) as session:
        empty = {"state": UNDONE, "object_id": "", "done_at": None, "has_credit": False}
        return changed_rows(session, gone.values(**empty)) > 0


def _find_or_begin(
    session: ScopedSession, key: MirrorKey, given: Mapping[str, Any]
) -> tuple[StripeMirror, bool]:
    """Find or add the row, which two purchases may need at once. True if it was added.

    What it is made with is decided by whoever adds it, or gives it its next key.
    """
    new = StripeMirror(
        stripe_account_id=key.account_id,
        kind=key.kind,
        our_key=key.our_key,
        operation_key="",
        state=BEGUN,
        begun_at=wall_now(),
        given=dict(given),
    )
    mine = _rows_of(key)
    row = find_or_add(session, lambda: session.scalars(mine).first(), new)
    if row is new:
        row.operation_key = f"{row.kind}:{row.id}:1"
    return row, row is new


def _rows_of(key: MirrorKey) -> Any:
    return select(StripeMirror).where(
        StripeMirror.stripe_account_id == key.account_id,
        StripeMirror.kind == key.kind,
        StripeMirror.our_key == key.our_key,
    )
