"""One message from claim to settlement: leases that end while the work goes on, or are renewed."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from app import messages
from app.clock import wall_now
from app.db import EVERY_TENANT, Database
from app.errors import FailureKind, ProviderError
from app.failpoints import armed
from app.messages import LEASE, Claimed
from app.models import Message
from app.runtime import Runtime
from tests.support.house import House
from tests.support.waiting import until
from workers.attempt import Attempt
from workers.drain import Drain
from workers.handler import Effect, Handler, nothing_more
from workers.jobs import BUG_TRIES

KIND = "slack.paid"
PATIENCE = 10.0
Work = Callable[[Runtime, Claimed], Effect]


def write(house: House, *facts: str) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        for fact in facts:
            messages.add(session, KIND, fact, payload={})


class Overtaken:
    """The lease of the first attempt ends while it works; a second one finishes meanwhile."""

    def __init__(self, house: House, error: Exception | None = None) -> None:
        self.house, self.error = house, error
        self.effects: list[int] = []
        self.died: list[int] = []

    def work(self, runtime: Runtime, message: Claimed) -> Effect:
        if message.attempt == 1:
            self.take_over(runtime)
            if self.error:
                raise self.error
        return lambda _session: self.effects.append(message.attempt)

    def take_over(self, runtime: Runtime) -> None:
        [again] = messages.claim(runtime.database, 1, wall_now() + LEASE)
        self.make(again)

    def make(self, message: Claimed) -> None:
        handler = Handler(self.work, lambda _s, given_up, _r: self.died.append(given_up.attempt))
        Attempt(self.house.runtime, {KIND: handler}, message).make()


def overtake(house: House, error: Exception | None = None) -> Overtaken:
    write(house, "told")
    [first] = messages.claim(house.runtime.database, 1)
    story = Overtaken(house, error)
    story.make(first)
    return story


def test_overtaken_attempt_has_no_effect(house: House) -> None:
    story = overtake(house)

    assert story.effects == [2]
    assert house.message(KIND).attempts == 2


@pytest.mark.parametrize("kind", [FailureKind.PERMANENT, FailureKind.RETRYABLE, FailureKind.AUTH])
def test_overtaken_failure_changes_nothing(house: House, kind: FailureKind) -> None:
    story = overtake(house, ProviderError("slack", kind, "Too late.", retry_after=60))

    assert (story.effects, story.died) == ([2], [])
    assert (house.message(KIND).status, house.message(KIND).last_error) == ("done", "")
    assert house.connection("slack").status == "connected"


class Slow:
    """Work that goes on until every lease was renewed, its own and those beside it."""

    def __init__(self, parties: int) -> None:
        self.all = threading.Barrier(parties)
        self.renewed: list[int] = []

    def work(self, runtime: Runtime, message: Claimed) -> Effect:
        self.all.wait(PATIENCE)
        first, end = lease_of(runtime, message), time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if lease_of(runtime, message) > first:
                self.all.wait(PATIENCE)
                return lambda _session: self.renewed.append(message.id)
            time.sleep(0.01)
        raise TimeoutError(f"the lease of message {message.id} was not renewed")


def lease_of(runtime: Runtime, message: Claimed) -> float:
    with runtime.database.reading(EVERY_TENANT) as session:
        until = session.get_one(Message, message.id).lease_until
    assert until is not None
    return until.timestamp()


@pytest.fixture
def drains(house: House) -> Iterator[Callable[[Work], Drain]]:
    """Makes drains that renew their leases all the time."""
    made: list[Drain] = []

    def make(work: Work) -> Drain:
        made.append(Drain(house.runtime, {KIND: Handler(work)}, renew_seconds=0.05))
        return made[-1]

    yield make
    for drain in made:
        drain.stopping.set()
        drain._pool.shutdown()


def test_all_leases_in_hand_are_renewed(house: House, drains: Callable[[Work], Drain]) -> None:
    slow = Slow(parties=3)
    write(house, "one", "two", "three")

    drains(slow.work).run()

    assert len(slow.renewed) == 3
    assert [m.attempts for m in house.messages(KIND)] == [1, 1, 1]


def test_leases_are_renewed_while_a_claim_waits_for_a_lock(
    house: House, drains: Callable[[Work], Drain]
) -> None:
    slow, waits, over = Slow(parties=2), threading.Event(), threading.Event()
    drain = drains(slow.work)
    write(house, "one")
    drain.look()
    write(house, "two")
    claimer = threading.Thread(target=drain.look)

    def block(point: str) -> None:
        if point == "writing.before" and threading.current_thread() is claimer:
            waits.set()
            over.wait(PATIENCE)

    with armed(block):
        claimer.start()
        assert waits.wait(PATIENCE)
        slow.all.wait(PATIENCE)
        slow.all.wait(PATIENCE)  # passed when the lease was renewed
        slow.all.abort()
        over.set()
        claimer.join()


class Meanwhile(dict[int, Claimed]):
    """What a drain has in hand, where a claim comes while the keeper sees it empty."""

    def __init__(self, claim: Callable[[], int]) -> None:
        self.claiming = threading.Thread(target=claim)
        self.seen_empty = threading.Event()

    def values(self):  # type: ignore[no-untyped-def]
        seen = list(super().values())
        keeper = threading.current_thread().name == "leases"
        if not seen and keeper and not self.seen_empty.is_set():
            self.claiming.start()
            self.seen_empty.set()
            self.claiming.join(1)  # over by now, or it waits for the keeper to be gone
        return seen


def test_claim_beside_a_leaving_keeper_is_renewed(
    house: House, drains: Callable[[Work], Drain]
) -> None:
    slow = Slow(parties=1)
    drain = drains(slow.work)
    drain._held = held = Meanwhile(drain.look)
    write(house, "one")
    drain.run()

    write(house, "two")
    assert held.seen_empty.wait(PATIENCE)
    held.claiming.join()
    drain.run()

    assert len(slow.renewed) == 2


def test_one_claim_serves_all_threads_that_are_free(
    house: House, drains: Callable[[Work], Drain], monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: list[int] = []
    real = messages.claim

    def claim(database: Database, limit: int, *args: Any, **more: Any) -> list[Claimed]:
        """Ours, counted: what comes out is the same however often it claims."""
        claims.append(limit)
        return real(database, limit, *args, **more)

    drain = drains(lambda _runtime, _message: nothing_more)
    write(house, *"abcd")
    with drain._claiming:  # a claim goes on, longer than the work of those claimed before
        assert drain._claim(4) == 4
        until(lambda: not drain._held)
        write(house, *"efgh")
        monkeypatch.setattr(messages, "claim", claim)
    drain.run()

    assert {message.status for message in house.messages(KIND)} == {"done"}
    assert claims[0] == drain._threads


def test_drain_that_stops_claims_nothing_more(
    house: House, drains: Callable[[Work], Drain]
) -> None:
    drain = drains(Slow(parties=1).work)
    write(house, "one")

    drain.stopping.set()

    assert drain.look() == drain.run() == 0
    assert (house.message(KIND).status, house.message(KIND).attempts) == ("pending", 0)


def attempt(house: House, work: Work | None) -> Message:
    """One attempt at the message, which is due; no work: this version does not know its kind."""
    house.hurry()
    [claimed] = messages.claim(house.runtime.database, 1)
    handlers = {KIND: Handler(work)} if work else {}
    Attempt(house.runtime, handlers, claimed).make()
    return house.message(KIND)


def failing(error: Exception) -> Work:
    def work(_runtime: Runtime, _message: Claimed) -> Effect:
        raise error

    return work


def away_once(point: str) -> Callable[[str], None]:
    """The database goes away at a point, once."""
    left = [OperationalError("", None, Exception("the database is away"))]

    def passed(name: str) -> None:
        if name == point and left:
            raise left.pop()

    return passed


@pytest.mark.parametrize("point", ["writing.before", "writing.commit", "writing.after"])
@pytest.mark.parametrize("effect", [nothing_more, lambda _session: None])
def test_result_waits_for_a_database_that_is_away(house: House, point: str, effect: Effect) -> None:
    write(house, "told")
    [claimed] = messages.claim(house.runtime.database, 1)
    made: list[int] = []

    def work(_runtime: Runtime, message: Claimed) -> Effect:
        made.append(message.attempt)
        return effect

    with armed(away_once(point)):
        Attempt(house.runtime, {KIND: Handler(work)}, claimed).make()

    told = house.message(KIND)
    assert (made, told.status, told.doubts, told.deaths) == ([1], "done", 0, 0)


def test_death_is_told_when_the_database_is_back(house: House) -> None:
    write(house, "told")
    [claimed] = messages.claim(house.runtime.database, 1)
    refused = failing(ProviderError("slack", FailureKind.PERMANENT, "No."))
    told: list[str] = []
    handler = Handler(refused, lambda _s, _m, reason: told.append(reason.key))

    with armed(away_once("writing.commit")):
        Attempt(house.runtime, {KIND: handler}, claimed).make()

    assert house.message(KIND).status == "dead"
    assert told == ["permanent", "permanent"]  # the first was not committed


def test_attempt_that_ends_well_takes_earlier_deaths_back(house: House) -> None:
    write(house, "told")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(Message).values(deaths=3, doubts=3))

    after = attempt(house, failing(ProviderError("slack", FailureKind.RETRYABLE, "Away.")))

    assert (after.deaths, after.doubts) == (0, 3)


def test_error_of_ours_after_refusals_has_its_own_tries(house: House) -> None:
    write(house, "told")
    away = failing(ProviderError("slack", FailureKind.RETRYABLE, "Away."))
    refused = [attempt(house, away) for _ in range(BUG_TRIES)]

    after_bug = attempt(house, failing(KeyError("ours")))

    assert len({row.failing_since for row in (*refused, after_bug)}) == 1
    assert (refused[-1].bugs, after_bug.bugs, after_bug.status) == (0, 1, "pending")


def test_error_of_ours_is_buried_after_its_tries(house: House) -> None:
    write(house, "told")

    rows = [attempt(house, failing(KeyError("ours"))) for _ in range(BUG_TRIES)]

    assert [row.status for row in rows] == ["pending"] * (BUG_TRIES - 1) + ["dead"]


def test_older_version_leaves_a_strange_kind_to_newer_ones(house: House) -> None:
    write(house, "told")

    left = [attempt(house, None) for _ in range(BUG_TRIES + 1)][-1]

    assert left.status == "pending"
    assert (left.available_at - wall_now()).total_seconds() > 60
    assert attempt(house, lambda *_: nothing_more).status == "done"
