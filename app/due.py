"""Business dates that have come: each subject changed in a transaction of its own."""

from collections.abc import Callable

from sqlalchemy import Select

from app.db import EVERY_TENANT, Database, ScopedSession
from app.logs import get_logger
from app.trail import trail

log = get_logger(__name__)


def change_each(
    database: Database, due: Select[int, int], change: Callable[[ScopedSession, int], None]
) -> None:
    """Run `change` for each `(tenant id, row id)` that `due` finds; a failure stops no other.

    `change` must check again: another process may already have done it.
    """
    with database.reading(EVERY_TENANT) as session:
        rows = session.execute(due).all()
    for tenant_id, row_id in rows:
        try:
            with trail(tenant=tenant_id), database.writing(tenant_id) as session:
                change(session, row_id)
        except Exception:
            log.exception("what is due failed", tenant=tenant_id, row=row_id)
