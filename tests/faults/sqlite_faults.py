"""What a machine does to a SQLite file: no room, another process's lock, a writer killed."""

from __future__ import annotations

import subprocess
import sys
import uuid
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from app.clock import wall_now
from app.db import EVERY_TENANT, Database
from app.models import Proposal
from app.proposals.accept import Evidence, accept_proposal
from app.proposals.request import request_proposal
from tests.factories import SEALER, make_deal, make_proposal
from tests.values import make_click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from app.models import Tenant

ROOT = Path(__file__).parents[2]
MOST_THAT_FIT = 30
HOLD = """import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(60)"""


def accept(
    database: Database, proposal: Proposal, before_commit: Callable[[], None] = lambda: None
) -> None:
    """The customer's choice; with something that happens while nothing is committed yet."""
    given: dict[str, Any] = {"method": "card", "version": 1, "now": wall_now()}
    with database.writing(proposal.tenant_id) as session:
        row = session.get_one(Proposal, proposal.id)
        accept_proposal(session, SEALER, row, evidence=Evidence("192.0.2.7", "x" * 900), **given)
        session.flush()
        before_commit()


def open_proposals(database: Database) -> list[Proposal]:
    with database.reading(EVERY_TENANT) as session:
        waiting = select(Proposal).where(Proposal.status == "sent").order_by(Proposal.id)
        return list(session.scalars(waiting))


@contextmanager
def full_disk(database: Database, tenant: Tenant) -> Iterator[None]:
    """The file cannot grow, and what room it had is used up by acceptances and clicks.

    https://www.sqlite.org/pragma.html#pragma_max_page_count
    """
    proposals = [make_proposal(database, tenant) for _ in range(MOST_THAT_FIT)]
    clicks = [
        make_click(
            deal_id=make_deal(database, tenant).hubspot_deal_id, request_id=str(uuid.uuid4())
        )
        for _ in range(MOST_THAT_FIT)
    ]
    with _pragma(database, "max_page_count=1"):  # no more than it has
        _until_full(partial(accept, database, proposal) for proposal in proposals)
        _until_full(partial(request_proposal, database, tenant.id, click) for click in clicks)
        yield


def _until_full(writes: Iterable[Callable[[], None]]) -> None:
    try:
        for write in writes:
            write()
    except OperationalError as error:
        if "disk is full" in str(error):
            return
        raise
    raise AssertionError("there was room for all of it")


@contextmanager
def locked_file(database: Database, _tenant: Tenant) -> Iterator[None]:
    """Another process holds the write lock until it is killed; we wait less long than usual."""
    command = [sys.executable, "-c", HOLD, str(database.engine.url.database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        try:
            with _pragma(database, "busy_timeout=100"):
                yield
        finally:
            holder.kill()


@contextmanager
def _pragma(database: Database, setting: str) -> Iterator[None]:
    """Every connection has this setting inside the block, and none after it."""

    def apply(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {setting}").fetchall()

    event.listen(database.engine, "checkout", apply)
    try:
        yield
    finally:
        event.remove(database.engine, "checkout", apply)
        database.engine.dispose()


def accept_everything(url: str) -> None:
    """What the process that will be killed does: accept one proposal after the other and say so."""
    database = Database(url)
    for proposal in open_proposals(database):
        accept(database, proposal, before_commit=partial(_say, "began"))
        _say("accepted")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    accept_everything(sys.argv[1])
