"""Messages that never end, or kill their process: buried in the end, and alone in their misery."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from app import messages
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.messages import Claimed
from app.models import Message
from app.runtime import Runtime
from tests.support.house import House
from workers.attempt import Attempt
from workers.drain import Drain
from workers.handler import Effect, Handler, nothing_more
from workers.jobs import MOST_DEATHS

KIND = "slack.paid"
PATIENCE = 10.0


def write(house: House, *facts: str, kind: str = KIND, subject: str | None = None) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        for fact in facts:
            messages.add(session, kind, fact, payload={"fact": fact}, subject=subject)


def end_leases(house: House) -> None:
    """Time passes until every lease that is not renewed has ended."""
    with house.runtime.database.writing(EVERY_TENANT) as session:
        leased = update(Message).where(Message.status == "leased")
        session.execute(leased.values(lease_until=wall_now()))


def statuses(house: House, kind: str = KIND) -> dict[str, str]:
    return {m.payload["fact"]: m.status for m in house.messages(kind)}


class Endless:
    """Work on which `poison` hangs until the test is over, and the rest is done at once."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.ended = threading.Semaphore(0)
        self.tries: list[str] = []
        self.effects: list[str] = []

    def work(self, _runtime: Runtime, message: Claimed) -> Effect:
        fact = message.payload["fact"]
        self.tries.append(fact)
        if fact == "poison":
            self.over.wait(PATIENCE)
        return lambda _session: self.effects.append(fact)

    def attempt(self, runtime: Runtime, message: Claimed) -> Effect:
        try:
            return self.work(runtime, message)
        finally:
            self.ended.release()


@pytest.fixture
def endless() -> Iterator[Endless]:
    work = Endless()
    yield work
    work.over.set()


def impatient(house: House, work: Endless, threads: int = 1) -> Drain:
    """A drain that lets go after an instant what does not end."""
    handlers = {KIND: Handler(work.attempt)}
    return Drain(house.runtime, handlers, threads, renew_seconds=0.02, attempt_seconds=0.05)


def test_work_that_never_ends_gives_its_thread_and_place_back(
    house: House, endless: Endless
) -> None:
    write(house, "poison", "other")

    impatient(house, endless).run()

    assert statuses(house) == {"poison": "leased", "other": "done"}


def test_work_that_never_ends_is_tried_again_and_buried(house: House, endless: Endless) -> None:
    write(house, "poison", subject="purchase:1")
    write(house, "next", subject="purchase:1")
    drain = impatient(house, endless)

    for _ in range(MOST_DEATHS + 1):
        drain.run()
        end_leases(house)
    drain.run()

    assert endless.tries.count("poison") == MOST_DEATHS
    assert statuses(house) == {"poison": "dead", "next": "done"}


def test_kind_that_may_take_longer_is_waited_for(house: House, endless: Endless) -> None:
    write(house, "poison")
    handlers = {KIND: Handler(endless.attempt, seconds=60.0)}
    drain = Drain(house.runtime, handlers, renew_seconds=0.02, attempt_seconds=0.05)
    drain.look()

    assert not endless.ended.acquire(timeout=0.3)
    endless.over.set()
    drain.run()

    assert (statuses(house), drain.finish()) == ({"poison": "done"}, 0)
    assert endless.tries == ["poison"]


def test_lost_thread_settles_nothing_any_more(house: House, endless: Endless) -> None:
    write(house, "poison")
    first = impatient(house, endless)
    first.run()
    end_leases(house)
    [again] = messages.claim(house.runtime.database, 1)

    endless.over.set()
    assert endless.ended.acquire(timeout=PATIENCE)
    first._pool.shutdown()

    assert endless.effects == []
    assert first.finish() == 0
    Attempt(house.runtime, {KIND: Handler(lambda *_: nothing_more)}, again).make()
    assert statuses(house) == {"poison": "done"}


def test_process_with_too_many_lost_threads_wants_to_be_replaced(
    house: House, endless: Endless
) -> None:
    write(house, "poison")
    worn_out: list[int] = []
    drain = Drain(
        house.runtime,
        {KIND: Handler(endless.attempt)},
        renew_seconds=0.02,
        attempt_seconds=0.05,
        most_lost=1,
        worn_out=lambda: worn_out.append(1),
    )

    drain.run()

    assert worn_out == [1]
    assert drain.finish() == 1
    assert drain.look() == 0


def killed(house: House, held: list[Claimed], limit: int = 10) -> list[str]:
    """Claim all that one process may hold at once, then kill it: the facts it had in hand."""
    end_leases(house)
    while claimed := messages.claim(house.runtime.database, limit - len(held), held=held):
        held += claimed
    return [m.payload["fact"] for m in held]


def test_poison_does_not_bury_those_in_work_beside_it(house: House) -> None:
    write(house, "poison", "innocent", "other")

    in_hand = [killed(house, []) for _ in range(4)]

    assert [sorted(facts) for facts in in_hand[:2]] == [["innocent", "other", "poison"]] * 2
    assert [len(facts) for facts in in_hand[2:]] == [1, 1]


def test_mail_is_worked_alone_after_its_first_death(house: House) -> None:
    write(house, "poison", "innocent", kind="email.rep_paid")

    in_hand = [killed(house, []) for _ in range(2)]

    assert [len(facts) for facts in in_hand] == [2, 1]


def test_suspect_in_hand_lets_others_pass(house: House) -> None:
    write(house, "poison", "suspect")
    killed(house, [])
    killed(house, [])
    write(house, "fresh")

    facts = killed(house, [])

    assert sorted(facts) in (["fresh", "poison"], ["fresh", "suspect"])
