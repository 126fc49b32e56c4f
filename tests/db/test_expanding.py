"""New migrations leave the version before alive: they add now and take away in a later version.

A migration that takes away names the expansion it completes: `contracts = "0031"`. That one must
have been released, so that no running version needs what goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect

from app.db import Database
from app.migrate import config, migrate
from tests.support.expanding import Breach, breach
from tests.support.previous import RELEASED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.script import Script

    from tests.support.postgres import PostgresServer


@pytest.fixture
def released(postgres_server: PostgresServer) -> Iterator[Database]:
    """A database as the last version left it."""
    name = postgres_server.create()
    database = Database(postgres_server.url(name))
    migrate(database, RELEASED)
    yield database
    database.engine.dispose()
    postgres_server.drop(name)


def since(database: Database) -> list[Script]:
    """The migrations since, oldest first."""
    with database.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(config(connection))
    return list(scripts.walk_revisions(RELEASED, "head"))[-2::-1]


def statements(database: Database, revision: str) -> list[str]:
    """What a migration says to the database."""
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    migrate(database, revision)
    event.remove(database.engine, "before_cursor_execute", note)
    return said


def may_contract(script: Script) -> bool:
    expansion = getattr(script.module, "contracts", None)
    return expansion is not None and str(expansion) <= RELEASED


def test_migrations_leave_the_version_before_alive(released: Database) -> None:
    known = set(inspect(released.engine).get_table_names())
    breaches: dict[str, list[Breach]] = {}
    for script in since(released):
        found = map(breach, statements(released, script.revision))
        wrong = [one for one in found if one and one.table in known]
        if wrong and not may_contract(script):
            breaches[script.path] = wrong

    assert breaches == {}


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE tenants DROP COLUMN installer",
        'ALTER TABLE tenants RENAME COLUMN name TO "label"',
        "ALTER TABLE tenants RENAME TO accounts",
        "ALTER TABLE tenants ALTER COLUMN hub_id TYPE TEXT USING hub_id::text",
        "ALTER TABLE tenants ALTER COLUMN name SET NOT NULL",
        "ALTER TABLE tenants ALTER COLUMN name DROP DEFAULT",
        "ALTER TABLE tenants ADD COLUMN role VARCHAR NOT NULL",
        "ALTER TABLE tenants ADD CONSTRAINT ck_x CHECK (hub_id > 0)",
        "ALTER TABLE tenants ADD CONSTRAINT uq_x UNIQUE (name)",
        "\nDROP TABLE tenants",
        "CREATE INDEX ix_x ON messages (kind)",
        "CREATE UNIQUE INDEX ix_x ON messages (kind) WHERE kind <> ''",
    ],
)
def test_statement_that_the_version_before_feels_is_named(statement: str) -> None:
    found = breach(statement)

    assert found
    assert found.table in ("tenants", "messages")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE tenants (id BIGSERIAL NOT NULL)",
        "ALTER TABLE tenants ADD COLUMN role VARCHAR",
        "ALTER TABLE tenants ADD COLUMN role VARCHAR DEFAULT '' NOT NULL",
        "ALTER TABLE tenants ALTER COLUMN name DROP NOT NULL",
        "ALTER TABLE tenants ALTER COLUMN name SET DEFAULT ''",
        "ALTER TABLE tenants ADD CONSTRAINT ck_x CHECK (hub_id > 0) NOT VALID",
        "ALTER TABLE tenants DROP CONSTRAINT ck_x",
        "CREATE INDEX CONCURRENTLY ix_x ON messages (kind)",
        "CREATE UNIQUE INDEX ix_x ON connections (name)",
        "DROP INDEX ix_x",
        "UPDATE tenants SET name = '' WHERE name IS NULL",
    ],
)
def test_statement_that_only_adds_is_taken(statement: str) -> None:
    assert breach(statement) is None
