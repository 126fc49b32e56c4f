"""The doctor's first step: what is wrong with a server is said, with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import make_url, text

from app.db import Database
from app.doctor import queue, server
from app.doctor.check import Check, State
from app.settings import Settings
from tests.support.doctor import LIVE, is_red, only
from tests.support.postgres import PostgresServer

ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def ground(**environ: str) -> list[Check]:
    return server.look_at_ground(partial(Settings.from_env, {**LIVE, **environ}))[1]


@ON_POSTGRES
def test_migrated_postgres_is_well(database_url: str) -> None:
    runtime, checks = server.look_at_ground(
        partial(Settings.from_env, {**LIVE, "DATABASE_URL": database_url})
    )

    assert runtime
    assert [check.state for check in checks] == [State.OK] * 3
    assert [check.name for check in checks] == [
        "server.settings",
        "server.database",
        "server.tables",
    ]
    runtime.database.engine.dispose()


def test_each_wrong_setting_is_a_check_and_no_trace() -> None:
    checks = ground(MAIL_FROM="", SECRET_KEY="weak", PORT="eighty")

    assert [check.name for check in checks] == ["server.settings"] * 2
    assert is_red(checks[0], "PORT must be a whole number", "production.env")
    assert is_red(checks[1], "SECRET_KEY is", "production.env")
    assert checks[0].said("fr") == "PORT doit être un nombre entier."


def test_settings_of_the_demo_are_not_ones_own() -> None:
    assert is_red(ground(APP_ENV="sandbox")[0], "the demo’s settings", "set -a;")


def test_unreadable_address_is_said() -> None:
    assert is_red(ground(DATABASE_URL="propale")[1], "cannot be read", "postgresql+psycopg://")


def test_postgres_that_is_away_is_said() -> None:
    assert is_red(ground()[1], "does not answer", "systemctl start postgresql")


@contextmanager
def locked_role(postgres: PostgresServer) -> Iterator[str]:
    """A user of the server who must know a password."""
    ((file,),) = postgres.ask("SHOW hba_file")
    rules = Path(file).read_text()
    Path(file).write_text(f"host all locked 127.0.0.1/32 scram-sha-256\n{rules}")
    postgres._do("CREATE ROLE locked LOGIN PASSWORD 'right'")
    postgres.ask("SELECT pg_reload_conf()")
    yield "locked"
    Path(file).write_text(rules)
    postgres._do("DROP ROLE locked")
    postgres.ask("SELECT pg_reload_conf()")


@ON_POSTGRES
def test_wrong_password_is_said_without_it(
    database_url: str, postgres_server: PostgresServer
) -> None:
    with locked_role(postgres_server) as role:
        url = make_url(database_url).set(username=role, password="wr0ng")
        check = ground(DATABASE_URL=url.render_as_string(hide_password=False))[1]

    assert is_red(check, "does not let us in", "password")
    assert "wr0ng" not in check.said("en") + check.advice("en")


@ON_POSTGRES
@pytest.mark.usefixtures("schema_of_its_own")
@pytest.mark.parametrize(
    ("statement", "said", "advice"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "older version", "migrate"),
        ("UPDATE alembic_version SET version_num = 'later'", "newer version", "Install"),
        ("DELETE FROM alembic_version", "no tables yet", "migrate"),
        ("INSERT INTO business_clock VALUES (1, 60)", "a sandbox’s data", "empty database"),
    ],
)
def test_other_tables_are_told_apart(
    database: Database, statement: str, said: str, advice: str
) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(statement))

    check = ground(DATABASE_URL=database.engine.url.render_as_string(hide_password=False))[-1]

    assert check.name == "server.tables"
    assert is_red(check, said, advice)


def test_redis_and_its_queue_are_well(redis_url: str) -> None:
    checks = list(queue.look_at_redis(redis_url))

    assert [(check.name, check.state) for check in checks] == [
        ("server.redis", State.OK),
        ("server.queue", State.OK),
    ]


def test_redis_that_is_away_is_said() -> None:
    assert is_red(only(queue.look_at_redis(LIVE["REDIS_URL"]), "server.redis"), "answer", "Start")


def as_user(redis_url: str, *rights: str) -> str:
    """The address for a user of this Redis who has these rights and a password."""
    with Redis.from_url(redis_url) as redis:
        redis.execute_command("ACL", "SETUSER", "clerk", "reset", "on", ">right", *rights)
    return redis_url.replace("redis://", "redis://clerk:right@")


def test_redis_that_refuses_the_password_is_said(redis_url: str) -> None:
    wrong = as_user(redis_url, "~*", "+@all").replace("right@", "left@")

    assert is_red(next(queue.look_at_redis(wrong)), "does not let us in", "password")


def test_redis_that_takes_no_writes_is_said(redis_url: str) -> None:
    reader = as_user(redis_url, "~*", "+@read", "+info")

    check = only(queue.look_at_redis(reader), "server.queue")

    assert is_red(check, "refuses our queue", "every command")


@ON_POSTGRES
def test_clocks_of_one_machine_agree(database: Database, redis_url: str) -> None:
    ahead = queue.read_clocks(database, redis_url)

    assert set(ahead) == {"PostgreSQL", "Redis"}
    assert queue.compare_clocks(ahead).state is State.OK


@pytest.mark.parametrize("seconds", [-40, 40])
def test_clock_that_is_off_is_named(seconds: int) -> None:
    ahead = {"PostgreSQL": timedelta(seconds=1), "Redis": timedelta(seconds=seconds)}

    assert is_red(queue.compare_clocks(ahead), "Redis and this machine’s are 40.0 s apart", "NTP")


@pytest.mark.parametrize(
    ("look", "said", "advice"),
    [
        (lambda folder: server.look_at_disk(folder / "gone"), "cannot write", "Make the folder"),
        (lambda folder: server.look_at_disk(folder, 10**12), "left", "Make room"),
    ],
)
def test_disk_without_room_is_said(
    tmp_path: Path, look: Callable[[Path], Check], said: str, advice: str
) -> None:
    assert server.look_at_disk(tmp_path).state is State.OK
    assert is_red(look(tmp_path), said, advice)
