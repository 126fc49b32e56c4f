"""Stored secrets sealed again with a new key, on both databases, while others change the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.accounts.connections import open_secrets
from app.commands.keys import rotate
from app.db import EVERY_TENANT, Base
from app.models import Connection
from app.rotation import reseal_all, sealed_columns, sealed_texts, unopened
from app.seal import Sealer, SealError
from tests.factories import SEALER, make_connection, make_tenant
from tests.support.environ import CLOSED

if TYPE_CHECKING:
    from app.db import Database

OLD = CLOSED["ENCRYPTION_KEYS"]
NEW = "the-new-key-of-the-house-5678"
BOTH = Sealer(f"{NEW},{OLD}")


def connections(database: Database) -> list[Connection]:
    with database.reading(EVERY_TENANT) as session:
        return list(session.scalars(select(Connection).order_by(Connection.id)))


def held(database: Database, keys: str) -> list[str]:
    """What each connection's secret says, read with these keys."""
    return [open_secrets(Sealer(keys), row)["key"] for row in connections(database)]


def make_connections(database: Database) -> None:
    for number in (1, 2):
        tenant = make_tenant(database)
        for provider in ("stripe", "slack"):
            make_connection(database, tenant, provider, {"key": f"{provider} {number}"})


def store(database: Database, connection: Connection, sealed: str) -> None:
    with database.writing(EVERY_TENANT) as session:
        of_it = update(Connection).where(Connection.id == connection.id)
        session.execute(of_it.values(sealed=sealed))


def test_old_key_may_leave_after_the_rotation(database: Database) -> None:
    make_connections(database)

    done = reseal_all(database, BOTH)

    assert (done.number, done.unopened) == (4, [])
    assert held(database, NEW) == ["stripe 1", "slack 1", "stripe 2", "slack 2"]
    with pytest.raises(SealError):
        held(database, OLD)


def test_second_rotation_changes_nothing(database: Database) -> None:
    make_connections(database)
    reseal_all(database, BOTH)
    before = [row.sealed for row in connections(database)]

    again = reseal_all(database, BOTH)

    assert again.number == 0
    assert [row.sealed for row in connections(database)] == before


def test_interrupted_rotation_is_ended_by_the_next(database: Database) -> None:
    make_connections(database)
    first = connections(database)[0]
    store(database, first, BOTH.reseal(first.tenant_id, "connection.stripe", first.sealed))

    assert reseal_all(database, BOTH).number == 3
    assert len(held(database, NEW)) == 4


class Meanwhile(Sealer):
    """Somebody stores something newer between our reading of a row and our writing."""

    def __init__(self, database: Database) -> None:
        super().__init__(f"{NEW},{OLD}")
        self.database, self.stored = database, False

    def reseal(self, tenant_id: int, purpose: str, sealed: str) -> str:
        new = super().reseal(tenant_id, purpose, sealed)
        if not self.stored:
            self.stored = True
            newer = Sealer(OLD).seal(tenant_id, purpose, '{"key": "newer"}')
            store(self.database, connections(self.database)[0], newer)
        return new


def test_what_changed_meanwhile_is_kept_and_resealed(database: Database) -> None:
    make_connections(database)

    reseal_all(database, Meanwhile(database))

    assert held(database, NEW)[0] == "newer"


@pytest.mark.parametrize("moved", [1, 2], ids=["other purpose", "other tenant"])
def test_moved_text_is_refused_and_left_alone(database: Database, moved: int) -> None:
    make_connections(database)
    rows = connections(database)
    store(database, rows[moved], rows[0].sealed)

    done = reseal_all(database, BOTH)

    assert (done.number, done.unopened) == (3, [f"connections.sealed {rows[moved].id}"])
    assert connections(database)[moved].sealed == rows[0].sealed
    assert unopened(database, BOTH) == done.unopened


def test_more_rows_than_are_read_at_once(database: Database) -> None:
    make_connections(database)

    assert [text.purpose for text in sealed_texts(database, at_once=3)] == [
        *("connection.stripe", "connection.slack") * 2
    ]


def test_every_sealed_column_says_for_which_purpose() -> None:
    columns = (c for table in Base.metadata.sorted_tables for c in table.columns)
    named = {column for column in columns if "sealed" in column.name}

    assert named == set(sealed_columns())
    assert all({"id", "tenant_id"} <= {*column.table.columns.keys()} for column in named)


@pytest.fixture
def lost(database: Database) -> str:
    """The place of a secret that was sealed with a key nobody has any more."""
    tenant = make_tenant(database)
    row = make_connection(database, tenant, "stripe", {"key": "x"})
    store(database, row, Sealer("a-key-that-was-lost").seal(tenant.id, "connection.stripe", "{}"))
    return f"connections.sealed {row.id}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_command_names_what_no_key_opens(
    database: Database, lost: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = rotate(database, SEALER, "en")

    shown = capsys.readouterr()
    assert status == 1
    assert shown.err.startswith("Open with none of ENCRYPTION_KEYS: 1.")
    assert shown.err.splitlines()[1].strip() == lost


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_command_counts_what_it_sealed_again(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    make_connections(database)

    assert rotate(database, BOTH, "fr") == 0
    assert capsys.readouterr().out.startswith("Rescellés avec la première clé\u00a0: 4.")
