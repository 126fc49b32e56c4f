"""One storm: sales at a steady rate, blows as planned, then calm, and the books."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import requests

from tests.chaos import reconciling, recovery
from tests.chaos.people import Customer, Rep
from tests.chaos.postman import Postman
from tests.chaos.reading import open_letters, read_books
from tests.chaos.sales import Sale, make_sale
from tests.chaos.storm import Storm, make_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.books import Books
    from tests.chaos.stage import Stage

SALES_PER_SECOND = 1.0
MOST_PEOPLE = 25  # buying at a time: a storm is to try the product, not to drown the machine
PEOPLE_SECONDS, SETTLE_SECONDS = 90, 150.0
DEBIT_DAYS = 6  # a SEPA debit is settled after five
_TICK = 0.05
_LOOK_SECONDS = 0.5
_QUIET_SECONDS = 2.0  # webhooks on their way have time to arrive
_SWEPT_SECONDS = 7.0  # a sweep, every five seconds, has found what fell due


@dataclass
class Run:
    """What happens on a stage in `seconds`, and until everything has settled."""

    stage: Stage
    seconds: float
    seed: int
    sales: list[Sale] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    reconciled: int = 0
    recovered: list[recovery.Recovery] = field(default_factory=list)
    _begun: float = field(default_factory=time.monotonic)
    _patience: float = SETTLE_SECONDS
    _people: list[threading.Thread] = field(default_factory=list)
    _closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.storm = Storm(self.stage, make_plan(self.seed, self.seconds))

    def play(self) -> Books:
        """Sell, storm, calm down, settle; returns the books."""
        recovery.watch(self.stage)
        postman = Postman(self.stage.sandbox_file, self._closed.is_set)
        threading.Thread(target=postman.work, daemon=True).start()
        self._sell(postman)
        self.storm.calm()
        self._calm_down()
        taken_over = recovery.takeovers(self.stage)
        self.recovered = recovery.recoveries(taken_over, self.storm.kills, self.storm.outages)
        self.troubles += [f"{name} ended without a blow" for name in self.storm.ended_alone]
        if self.storm.kills and not self.recovered:
            self.troubles.append("workers were killed, and no message of theirs was seen recovered")
        books = read_books(self.stage, self.sales, self.storm)
        for sale in books.unfinished:
            self.troubles.append(f"{sale.key} never came to an end: {sale.seen[-3:]}")
        return books

    def _sell(self, postman: Postman) -> None:
        rng, begun = Random(self.seed), time.monotonic()
        while (passed := time.monotonic() - begun) < self.seconds:
            if passed * SALES_PER_SECOND >= len(self.sales) and self._present() < MOST_PEOPLE:
                sale = make_sale(len(self.sales), rng)
                self.sales.append(sale)
                buyer = threading.Thread(target=self._buy, args=(sale, postman), daemon=True)
                buyer.start()
                self._people.append(buyer)
            self.storm.look(passed)
            time.sleep(_TICK)

    def _present(self) -> int:
        return sum(one.is_alive() for one in self._people)

    def _buy(self, sale: Sale, postman: Postman) -> None:
        """The life of one sale: the rep sends, the customer reads her mail and buys."""
        over = self._closed.is_set
        Rep(self.stage.url, self.stage.sandbox_url, over).send(sale)
        sale.link = postman.wait(sale.email)
        Customer(sale, over).buy()

    def _calm_down(self) -> None:
        """Let everybody finish, every message be worked, every debit arrive."""
        self._say("the storm is over, people finish what they began")
        self._wait(lambda: not self._present(), PEOPLE_SECONDS)
        self._closed.set()
        self._say("messages are worked off")
        self._settle()
        self._say("the books are reconciled, twice")
        self._reconcile()
        self._say("six days later debits arrive")
        advance = f"{self.stage.sandbox_url}/control/advance"
        requests.post(advance, json={"days": DEBIT_DAYS}, timeout=30).raise_for_status()
        self._settle(_SWEPT_SECONDS)

    def _say(self, what: str) -> None:
        print(f"{time.monotonic() - self._begun:6.1f} s  {what}", flush=True)

    def _reconcile(self) -> None:
        """Find what never came; the second time there is nothing to write."""
        self.reconciled = reconciling.reconcile(self.stage).found
        self._settle()
        before = reconciling.fingerprint(self.stage)
        again = reconciling.reconcile(self.stage)
        after = reconciling.fingerprint(self.stage)
        for place in [place for place in before if before[place] != after[place]]:
            self.troubles.append(f"the second reconciliation wrote to {place}: {again.said}")
        # A dead letter stays one until a person decides; whether it may be, the books say.
        dead = sum(one.status == "dead" for one in open_letters(self.stage))
        if again.found > dead:
            self.troubles.append(f"the second reconciliation found more than {dead}: {again.said}")

    def _settle(self, quiet_seconds: float = _QUIET_SECONDS) -> None:
        """Wait until no message is open for a while; a dead one changes nothing any more."""
        quiet = 0

        def settled() -> bool:
            nonlocal quiet
            busy = any(one.status != "dead" for one in open_letters(self.stage))
            quiet = 0 if busy else quiet + 1
            return quiet * _LOOK_SECONDS >= quiet_seconds

        began = time.monotonic()
        if not self._wait(settled, self._patience):
            left = [one for one in open_letters(self.stage) if one.status != "dead"]
            self.troubles.append(f"after {self._patience:.0f} s these are open: {left}")
        self._patience = max(_SWEPT_SECONDS, self._patience - (time.monotonic() - began))

    @staticmethod
    def _wait(done: Callable[[], bool], seconds: float) -> bool:
        """Whether it was done in time."""
        deadline = time.monotonic() + seconds
        while not (finished := done()) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return finished
