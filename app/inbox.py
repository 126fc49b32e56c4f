"""Webhooks into messages: one statement on an autocommit connection, the same on both databases."""

from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from app.clock import wall_now
from app.db import Database
from app.messages import provider_of
from app.trail import current_request_id

COLUMNS = (
    "tenant_id", "kind", "provider", "subject", "payload", "dedupe_key", "operation_key",
    "status", "last_error", "available_at", "created_at", "finished_at", "request_id",
)  # fmt: skip
COUNTS = "attempts, doubts, deaths"  # zero as it stands: each value handed over costs its time
INSERT = (
    f"INSERT INTO messages ({COUNTS}, {', '.join(COLUMNS)}) "  # noqa: S608  our own constants
    f"VALUES (0, 0, 0, {', '.join(['%s'] * len(COLUMNS))}) ON CONFLICT DO NOTHING"
)
INSERT_SQLITE = INSERT.replace("%s", "?")


def store_webhook(
    database: Database,
    *,
    tenant_id: int,
    kind: str,
    dedupe_key: str,
    subject: str | None,
    event_json: str,
    ignored: str | None,
) -> bool:
    """Store an event unless it is there already, and say whether it was new.

    Raises `DBAPIError` when it is not stored.
    Plain SQL without the ORM, because no statement of the product runs more often. If the server
    dropped the connection while it was idle, the insert is tried once more.
    """
    now = wall_now()
    moment = now.astimezone(UTC).replace(tzinfo=None) if database.sqlite else now
    values: tuple[object, ...] = (
        tenant_id, kind, provider_of(kind), subject, f'{{"event":{event_json}}}', dedupe_key,
        dedupe_key, "ignored" if ignored else "pending", ignored or "", moment, moment,
        moment if ignored else None, current_request_id(),
    )  # fmt: skip
    statement = INSERT
    if database.sqlite:
        statement, values = INSERT_SQLITE, tuple(map(_sqlite_text, values))
    try:
        return database.run_alone(statement, values) > 0
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        database.run_alone(statement, values)
        return True  # the lost connection may have stored it; nobody was told so yet


def _sqlite_text(value: object) -> object:
    return value.isoformat(" ") if isinstance(value, datetime) else value
