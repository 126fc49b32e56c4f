"""Once a night: reconciles one vendor's book; what only a person can mend is mailed once."""

from collections.abc import Sequence
from datetime import datetime

from app.db import ScopedSession
from app.messages import Claimed
from app.models import Tenant
from app.reconcile.differences import Difference, Kind
from app.reconcile.telling import tell_owner
from app.reconcile.tenant import reconcile_tenant
from app.runtime import Runtime
from workers.handler import Effect

# Each vendor's book is a message of its own lane, which waits and is tried again by itself.
BOOKS = {"stripe": ("stripe",), "hubspot": ("hubspot", "messages")}


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `at`, the business time at which it was asked for."""
    left: list[Difference] = []
    whole = True
    for finding in reconcile_tenant(
        runtime, message.tenant_id, repair=True, books=BOOKS[message.provider]
    ):
        if finding.difference.error:
            raise finding.difference.error
        whole = whole and finding.difference.kind != Kind.PERMISSION_MISSING
        if not finding.repaired:
            left.append(finding.difference)
    return lambda session: _note(session, message, left, whole=whole)


def _note(
    session: ScopedSession, message: Claimed, left: Sequence[Difference], *, whole: bool
) -> None:
    if message.provider == "stripe" and whole:
        tenant = session.get_one(Tenant, message.tenant_id)
        tenant.reconciled_at = datetime.fromisoformat(message.payload["at"])
    tell_owner(session, str(message.id), left)
