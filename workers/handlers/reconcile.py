"""Once a night: reconciles one vendor's book; what only a person can mend is mailed once."""

from collections.abc import Sequence
from datetime import datetime

from app import messages
from app.accounts.stripe_standing import note_endpoint
from app.db import ScopedSession
from app.errors import FailureKind
from app.messages import Claimed
from app.models import Tenant
from app.proposals.projection import try_refused_stages
from app.reasons import Reason
from app.reconcile.differences import SILENT, UNREAD, Difference, Kind
from app.reconcile.telling import forget_told, tell_owner
from app.reconcile.tenant import reconcile_tenant
from app.runtime import Runtime
from workers.handler import Effect

# Each vendor's book is a message of its own lane, which waits and is tried again by itself.
BOOKS = {"stripe": ("stripe",), "hubspot": ("hubspot", "messages")}
# A list of a million objects is read in less, a hundred to a call.
SECONDS = 6 * 3600.0


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `at`, the business time at which it was asked for."""
    books = BOOKS[message.provider]
    left: list[Difference] = []
    for finding in reconcile_tenant(runtime, message.tenant_id, repair=True, books=books):
        error = finding.difference.error
        if error and error.kind is not FailureKind.PERMANENT:
            raise error
        if not finding.repaired:
            left.append(finding.difference)
    return lambda session: _note(session, message, left)


def _note(session: ScopedSession, message: Claimed, left: Sequence[Difference]) -> None:
    messages.overtake(session, message)
    if all(difference.kind not in UNREAD for difference in left):
        forget_told(session, BOOKS[message.provider], left)
        if message.provider == "stripe":
            _note_endpoint(session, left)
            tenant = session.get_one(Tenant, message.tenant_id)
            tenant.reconciled_at = datetime.fromisoformat(message.payload["at"])
        else:
            try_refused_stages(session)
    tell_owner(session, str(message.id), left)


def _note_endpoint(session: ScopedSession, left: Sequence[Difference]) -> None:
    """The connections page says, and offers to mend, what the night found."""
    silent = next((d.kind for d in left if d.kind in SILENT), None)
    note_endpoint(session, silent.removeprefix("endpoint_") if silent else "enabled")


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Tell the owner, once, that a book stays unread; of several, only the newest letter stays."""
    messages.overtake(session, message)
    unread = Difference(Kind.UNREAD, message.provider, reason=reason)
    tell_owner(session, str(message.id), [unread])
