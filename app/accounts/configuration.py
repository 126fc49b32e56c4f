"""What whoever runs the server must mend: a vendor refuses what our installation is to it.

It concerns every tenant at once and is no tenant's fault, so none of them is told to reconnect.
"""

from sqlalchemy import delete, select

from app import messages
from app.clock import wall_now
from app.db import EVERY_TENANT, Database, ScopedSession, find_or_add
from app.errors import FailureKind, ProviderError
from app.logs import get_logger
from app.models import RefusedConfiguration

log = get_logger(__name__)


def note_refusal(database: Database, error: ProviderError) -> None:
    """Remember it until a call succeeds; the first one stands in the log as an error.

    Called where a failure ends up, with any: one that is somebody else's fault changes nothing.
    """
    if error.kind is not FailureKind.CONFIGURATION:
        return
    with database.writing(EVERY_TENANT) as session:
        keep_refusal(session, error)


def keep_refusal(session: ScopedSession, error: ProviderError) -> RefusedConfiguration:
    """As `note_refusal`, for what is one, in a transaction that stores more than that."""
    new = RefusedConfiguration(provider=error.provider, code="", since=wall_now())
    row = find_or_add(session, lambda: _of(session, error.provider), new)
    code = error.code or "unknown"
    if row.code != code:
        row.code = code
        log.error(
            "this server's own settings keep every tenant from a vendor: what they have for it "
            "waits until the settings are corrected",
            provider=error.provider,
            code=code,
        )
    return row


def note_success(database: Database, provider: str) -> None:
    """The vendor knows us again: what waited for that, of every tenant, is due at once."""
    with database.reading(EVERY_TENANT) as session:
        if _of(session, provider) is None:
            return
    with database.writing(EVERY_TENANT) as session:
        mine = RefusedConfiguration.provider == provider
        session.execute(delete(RefusedConfiguration).where(mine))
        messages.wake(session, f"{provider}.configuration")
    log.warning("this server's own settings are good for a vendor again", provider=provider)


def refused_configurations(session: ScopedSession) -> dict[str, str]:
    """The vendors that refuse our installation, each with its code for why."""
    rows = session.scalars(select(RefusedConfiguration))
    return {row.provider: row.code for row in rows}


def _of(session: ScopedSession, provider: str) -> RefusedConfiguration | None:
    return session.get(RefusedConfiguration, provider)
