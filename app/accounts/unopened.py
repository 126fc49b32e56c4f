"""A sealed text that none of our keys opens: whose fault that is (docs/decisions)."""

from sqlalchemy import select

from app.accounts.connections import open_secrets, secrets_before
from app.db import EVERY_TENANT
from app.errors import FailureKind, ProviderError
from app.models import Connection
from app.runtime import Runtime
from app.seal import SealError

UNOPENED, WRONG_KEYS = "unopened", "encryption_keys"


def opened(runtime: Runtime, connection: Connection) -> dict[str, str]:
    """The connection's secrets.

    Raises `ProviderError` where none of our keys opens them: AUTH, or CONFIGURATION where our keys
    open no connection of any tenant.
    """
    try:
        return open_secrets(runtime.sealer, connection)
    except SealError as error:
        vendor, words = connection.provider, str(error)
        if wrong := wrong_keys(runtime, vendor, error):
            raise wrong from error
        raise ProviderError(vendor, FailureKind.AUTH, words, code=UNOPENED) from error


def wrong_keys(runtime: Runtime, provider: str, error: Exception) -> ProviderError | None:
    """That our keys are not those of this database, if it is why a sealed text does not open.

    Only connections are asked: a link sealed since then opens, and says nothing of the others.
    """
    if not isinstance(error, SealError):
        return None
    sealed = select(Connection).where(Connection.sealed != "")
    with runtime.database.reading(EVERY_TENANT) as session:
        if any(secrets_before(runtime.sealer, row) for row in session.scalars(sealed)):
            return None
    return ProviderError(provider, FailureKind.CONFIGURATION, str(error), code=WRONG_KEYS)
