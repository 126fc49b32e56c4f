"""Messages done at the same time: one commit for several threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, select, update

from app import messages
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import Message
from tests.factories import make_tenant
from tests.support.waiting import until
from workers.finishing import Finishing

if TYPE_CHECKING:
    from app.db import Database
    from app.messages import Claimed

NUMBER = 4


def claimed(database: Database) -> list[Claimed]:
    """As many messages as `NUMBER`, in work."""
    tenant = make_tenant(database)
    with database.writing(tenant.id) as session:
        for number in range(NUMBER):
            messages.add(session, "slack.accepted", str(number), payload={})
    return messages.claim(database, NUMBER, wall_now() + timedelta(seconds=1))


def statuses(database: Database) -> list[str]:
    with database.reading(EVERY_TENANT) as session:
        return list(session.scalars(select(Message.status).order_by(Message.id)))


def test_what_is_ready_meanwhile_goes_in_one_commit(database: Database) -> None:
    finishing, held, commits = Finishing(), claimed(database), []
    entered, go_on = threading.Event(), threading.Event()

    def commit(_connection: object) -> None:
        commits.append(1)
        entered.set()
        go_on.wait(10)

    event.listen(database.engine, "commit", commit)
    with ThreadPoolExecutor(NUMBER) as threads:
        first = threads.submit(finishing.finish, database, held[0])
        entered.wait(10)
        rest = [threads.submit(finishing.finish, database, message) for message in held[1:]]
        until(lambda: finishing._ready.qsize() == NUMBER - 1)
        go_on.set()
        for done in (first, *rest):
            done.result(10)

    assert len(commits) == 2
    assert statuses(database) == ["done"] * NUMBER


def test_message_of_a_newer_attempt_is_left_alone(database: Database) -> None:
    held = claimed(database)
    with database.writing(EVERY_TENANT) as session:
        taken_over = update(Message).where(Message.id == held[0].id)
        session.execute(taken_over.values(attempts=held[0].attempt + 1))

    for message in held:
        Finishing().finish(database, message)

    assert statuses(database) == ["leased"] + ["done"] * (NUMBER - 1)


def test_what_hinders_it_is_raised_for_each(database: Database) -> None:
    finishing, held = Finishing(), claimed(database)

    def hinder(*_: object) -> None:
        raise TimeoutError("the database is away")

    event.listen(database.engine, "before_cursor_execute", hinder)
    finishing._turn.acquire()
    with ThreadPoolExecutor(NUMBER) as threads:
        waiting = [threads.submit(finishing.finish, database, message) for message in held]
        until(lambda: finishing._ready.qsize() == NUMBER)
        finishing._turn.release()
        failures = [done.exception(10) for done in waiting]
    event.remove(database.engine, "before_cursor_execute", hinder)

    assert [type(failure) for failure in failures] == [TimeoutError] * NUMBER
    assert statuses(database) == ["leased"] * NUMBER


def test_renewal_takes_rows_in_the_same_order(database: Database) -> None:
    """Two that take rows in different orders would block each other, and one would fail."""
    held, taken = claimed(database), list[int]()
    in_order = sorted(message.id for message in held)

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(*given: Any) -> None:
        named = getattr(given[4], "compiled_parameters", [])
        taken.extend(one["message_id"] for one in named if "message_id" in one)

    messages.renew(database, reversed(held))
    with database.writing(EVERY_TENANT) as session:
        messages.finish_all(session, reversed(held))
    event.remove(database.engine, "before_cursor_execute", note)

    assert taken == [*in_order, *in_order]
