"""A house that burns down and is built again from its backup: nothing lost, nothing doubled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.accounts.connections import get_connection
from app.backups import back_up, restore
from app.db import Database
from app.models import Message, Tenant
from app.seal import Sealer, SealError
from app.settings import Secret
from tests.support.house import ON_BOTH, ON_BOTH_AT_LENGTH, House, make_runtime, moved_to
from tests.workers.reconciling import IN_STEP, typed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.runtime import Runtime
    from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.usefixtures("postgres_tools")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "propale.backup"


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, house: House, tmp_path: Path) -> Iterator[Runtime]:
    """The house's settings with an empty database of the same kind."""
    if house.runtime.database.sqlite:
        url = f"sqlite:///{tmp_path / 'restored.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.create())
    settings = replace(house.runtime.settings, database_url=Secret(url))
    database = Database(url)
    yield make_runtime(settings, database=database)
    database.engine.dispose()


def save(house: House, file: Path) -> None:
    back_up(house.runtime.database, house.runtime.settings.database_url, file, "en")


def restored(house: House, file: Path, elsewhere: Runtime) -> House:
    """The house in its new database; close it by its drain."""
    restore(elsewhere.database, elsewhere.settings.database_url, file, "en")
    house.sandbox.world.clock.database_url = elsewhere.settings.database_url
    return house


@pytest.mark.parametrize(
    "house_database",
    ["postgresql", pytest.param("sqlite", marks=pytest.mark.long)],
    indirect=True,
)
def test_house_goes_on_from_its_backup(
    house: House, file: Path, elsewhere: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    house.bought("5101")
    waiting = house.send("5102")
    save(house, file)

    with moved_to(restored(house, file, elsewhere), elsewhere) as later:
        assert typed_in(later, capsys)() == IN_STEP
        purchase = later.accept(waiting)
        later.enter(purchase)
        later.settle()
        later.pass_time(days=32)
        assert later.open_errors() == []
        assert later.purchase(purchase.id).status == "paid"
        assert typed_in(later, capsys)() == IN_STEP


@ON_BOTH_AT_LENGTH
def test_payment_since_the_backup_is_found_and_not_made_twice(
    house: House, file: Path, elsewhere: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    purchase = house.accepted("5101")
    save(house, file)
    house.enter(purchase)
    house.settle()
    assert house.purchase(purchase.id).status == "paid"
    made = len(house.stripe("invoice")), len(house.stripe("subscription"))

    with moved_to(restored(house, file, elsewhere), elsewhere) as later:
        assert later.purchase(purchase.id).status == "awaiting_method"
        status, _ = typed_in(later, capsys)("--repair")
        later.settle()
        assert status == 0
        assert later.purchase(purchase.id).status == "paid"
        assert later.open_errors() == []
        assert (len(house.stripe("invoice")), len(house.stripe("subscription"))) == made
        assert typed_in(later, capsys)() == IN_STEP


@ON_BOTH_AT_LENGTH
def test_post_that_was_made_since_the_backup_is_not_repeated(
    house: House, file: Path, elsewhere: Runtime
) -> None:
    purchase = house.accepted("5101")
    house.fail("slack", status=503, times=99)
    house.enter(purchase)
    house.settle()
    assert house.message("slack.paid").status == "pending"
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Message, house.message("slack.paid").id).doubts = 0
    save(house, file)
    house.sandbox.world.faults.clear()
    house.retry()
    posted = len(house.posts())

    with moved_to(restored(house, file, elsewhere), elsewhere) as later:
        later.retry()
        assert later.message("slack.paid").status == "done"
        assert len(house.posts()) == posted


@pytest.mark.parametrize("house_database", ["postgresql"], indirect=True)
def test_numbers_given_since_the_backup_are_not_given_again(
    house: House, file: Path, elsewhere: Runtime
) -> None:
    save(house, file)
    lost = house.send("5101")

    with moved_to(restored(house, file, elsewhere), elsewhere) as later:
        assert later.send("5102").id > lost.id


@ON_BOTH
def test_backup_opens_nothing_without_the_keys(
    house: House, file: Path, elsewhere: Runtime
) -> None:
    save(house, file)

    restored(house, file, elsewhere)

    text = file.read_bytes()
    secrets = (house.account.stripe_key, house.account.slack_token, house.webhook_secret())
    assert [secret for secret in secrets if secret.encode() in text] == []
    with elsewhere.database.reading(house.tenant_id) as session:
        assert session.scalars(select(Tenant)).one().hub_id == house.account.portal
        sealed = get_connection(session, "stripe").sealed
    with pytest.raises(SealError):
        Sealer("another key").open(house.tenant_id, "connection.stripe", sealed)
