"""The database: one engine, reading and writing blocks, column types, the tenant's fence."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    PoolProxiedConnection,
    TypeDecorator,
    Update,
    bindparam,
    event,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.types import JSON

from app.clock import wall_now
from app.engines import ask_idle_connections, make_autocommit_engine, make_engine
from app.failpoints import failpoint
from app.logs import get_logger
from app.outages import Outage

TRUSTED_SECONDS = 5.0
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

log = get_logger(__name__)
Row = TypeVar("Row")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in UTC; a naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table; `TenantRow` adds the owner."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own protocol
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


class TenantRow:
    """Mixin of every table that belongs to one tenant."""

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"), index=True)


class EveryTenant(Enum):
    """The scope of requests whose tenant is not known yet, of claims and of sweeps."""

    SCOPE = "every tenant"


EVERY_TENANT = EveryTenant.SCOPE
Scope = int | EveryTenant


class ScopedSession(Session):
    """A session that sees only its tenant's rows; with `looking` it refuses to write."""

    scope: Scope
    looking: bool = False


@event.listens_for(ScopedSession, "do_orm_execute")
def _fence_reads(state: ORMExecuteState) -> None:
    session = state.session
    if not isinstance(session, ScopedSession) or session.scope is EVERY_TENANT:
        return
    tenant_id = session.scope
    state.statement = state.statement.options(
        with_loader_criteria(
            TenantRow, lambda cls: cls.tenant_id == tenant_id, include_aliases=True
        )
    )


@event.listens_for(ScopedSession, "do_orm_execute")
def _refuse_statements(state: ORMExecuteState) -> None:
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and isinstance(state.session, ScopedSession) and state.session.looking:
        raise PermissionError("a reading block writes nothing")


@event.listens_for(ScopedSession, "do_orm_execute")
def _fence_inserts(state: ORMExecuteState) -> None:
    """Criteria do not apply to an INSERT, so each row given must name the session's tenant."""
    session, mapper = state.session, state.bind_mapper
    if not state.is_insert or not isinstance(session, ScopedSession):
        return
    if session.scope is EVERY_TENANT or mapper is None or not issubclass(mapper.class_, TenantRow):
        return
    given = state.parameters or {}
    rows = [given] if isinstance(given, Mapping) else given
    if any(row.get("tenant_id") != session.scope for row in rows):
        raise PermissionError(f"a row of {mapper.class_.__name__} belongs to another tenant")


@event.listens_for(ScopedSession, "before_flush")
def _fence_writes(session: ScopedSession, *_: object) -> None:
    if session.looking:
        raise PermissionError("a reading block writes nothing")
    if session.scope is EVERY_TENANT:
        return
    for row in session.new:
        if isinstance(row, TenantRow) and row.tenant_id is None:
            row.tenant_id = session.scope
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantRow) and row.tenant_id != session.scope:
            raise PermissionError(f"{row!r} belongs to another tenant")


class Database:
    """The one engine of a process. Nothing is committed anywhere else."""

    def __init__(
        self, url: str, *, pool_size: int = 20, trusted_seconds: float = TRUSTED_SECONDS
    ) -> None:
        """Connect to nothing yet. A connection idle for `trusted_seconds` is tested before use."""
        self.engine = make_engine(url, pool_size)
        ask_idle_connections(self.engine, trusted_seconds)
        self.sqlite = self.engine.dialect.name == "sqlite"
        # No transaction for reads on PostgreSQL: READ COMMITTED would not make several statements
        # consistent with each other, and would cost two round trips.
        looking = {} if self.sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reader = self.engine.execution_options(**looking)
        self._writer = self.engine.execution_options(begin="IMMEDIATE")
        self._alone = self.engine if self.sqlite else make_autocommit_engine(url)
        self.bell: Callable[[], None] = lambda: None
        self.outage = Outage(log, "The database", meanwhile="what needs it waits")

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[ScopedSession]:
        """A session for reading; a write inside is refused."""
        with ScopedSession(self._reader, expire_on_commit=False) as session:
            session.scope, session.looking = scope, True
            yield session

    @contextmanager
    def writing(self, scope: Scope) -> Iterator[ScopedSession]:
        """One transaction: committed at the end of the block, rolled back on any error.

        When messages were added inside, the bell is rung after the commit.
        """
        failpoint("writing.before")
        with ScopedSession(self._writer, expire_on_commit=False) as session:
            session.scope = scope
            yield session
            failpoint("writing.commit")
            session.commit()
        failpoint("writing.after")
        if session.info.get("ring"):
            self.bell()

    def run_alone(self, statement: str, values: tuple[object, ...]) -> int:
        """Run one statement in a commit of its own, with the driver's placeholders for its values.

        Returns how many rows it wrote. It goes to the driver directly (SQLAlchemy's part takes
        longer than the driver's), which on both databases answers `execute` with the cursor.
        Raises `DBAPIError`, with `connection_invalidated` where the connection had been lost.
        """
        connection = None
        failpoint("alone.before")
        try:
            connection = self._alone.raw_connection()
            written: int = connection.cursor().execute(statement, values).rowcount
        except self._alone.dialect.loaded_dbapi.Error as error:
            lost = connection is not None and self._is_lost(connection, error)
            if lost:
                self._alone.dispose()  # the server dropped the other idle connections too
            raise DBAPIError(statement, None, error, connection_invalidated=lost) from error
        finally:
            if connection is not None:
                connection.close()
        failpoint("alone.after")
        return written

    def _is_lost(self, connection: PoolProxiedConnection, error: Exception) -> bool:
        held = connection.dbapi_connection
        lost = self._alone.dialect.is_disconnect(error, held, None)  # type: ignore[arg-type]
        if lost:
            connection.invalidate(error)
        return lost


def find_or_add(session: Session, find: Callable[[], Row | None], new: Row) -> Row:
    """Return the row that `find` gives, else add the new one.

    If another process inserted the row meanwhile, return that one.
    """
    found = find()
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(new)
    except IntegrityError:
        found = find()
        if found is None:
            raise
        return found
    return new


def changed_rows(session: Session, statement: Update) -> int:
    """Run an update and return how many rows it changed."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


# Each database's wall clock as SQL; claims and leases read no other.
# For SQLite it is this machine's clock: SQLite's own function rounds to milliseconds, so a message
# would not be due at the instant it was written.
CLOCKS: Mapping[str, ColumnElement[datetime]] = {
    "sqlite": bindparam("clock", callable_=wall_now, type_=UtcDateTime()),
    "postgresql": func.clock_timestamp(type_=UtcDateTime()),
}


def database_now(session: Session) -> datetime:
    """What the database's clock says now."""
    return session.execute(select(CLOCKS[session.get_bind().dialect.name])).scalar_one()
