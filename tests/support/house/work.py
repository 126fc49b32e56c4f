"""Time and work in a house: the worker's part, Stripe's webhooks, waits that are over."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import Message, Pause
from sandbox.stripe.signatures import sign
from tests.support.house.sight import Record, Sight
from workers.sweep import add_due_subjects


@dataclass
class Work(Sight):
    """`settle` plays the worker and carries Stripe's webhooks."""

    hears: bool = True  # whether Stripe's events arrive
    _carried: set[str] = field(default_factory=set)

    def settle(self) -> None:
        """Work what is due and carry webhooks until nothing moves any more."""
        moved = 1
        while moved:
            self._skip_courtesy()
            moved = self.drain.run() or self.carry()

    def _skip_courtesy(self) -> None:
        """The event of a complete page lets the returning browser go first; here none returns."""
        fresh = (Message.kind == "stripe.start_billing", Message.attempts == 0)
        with self.runtime.database.writing(EVERY_TENANT) as session:
            held_back = update(Message).where(*fresh, Message.status == "pending")
            session.execute(held_back.values(available_at=wall_now()))

    def carry(self) -> int:
        """Post Stripe's new events to the product; returns how many."""
        heard = self.events() if self.hears else []
        new = [event for event in heard if event["id"] not in self._carried]
        for event in new:
            self._carried.add(event["id"])
            assert self.post_event(event).status_code == 200
        return len(new)

    def events(self) -> list[Record]:
        """Stripe's events of the types we asked for, oldest first; none without an endpoint."""
        asked = self.stripe("webhook_endpoint")[-1:]
        wanted = {kind for endpoint in asked for kind in endpoint["enabled_events"]}
        with self.sandbox.world.store.lock:
            rows = self.books().table("event").values()
            return [copy.deepcopy(event) for event in rows if event["type"] in wanted]

    def post_event(self, event: Record, *, secret: str | None = None) -> TestResponse:
        """Deliver one event, signed as Stripe signs it."""
        return self.post_webhook(json.dumps(event).encode(), secret=secret)

    def post_webhook(
        self, body: bytes, *, secret: str | None = None, at: float | None = None
    ) -> TestResponse:
        moment = int(wall_now().timestamp() if at is None else at)
        header = sign(body, secret or self.webhook_secret(), moment)
        return self.app.test_client().post(
            f"/webhooks/stripe/{self.connection('stripe').public_id}",
            data=body,
            headers={"Stripe-Signature": header, "Content-Type": "application/json"},
        )

    def work_meanwhile(self, press: Callable[[], TestResponse]) -> TestResponse:
        """The answer to a click, which waits some seconds at most, while a worker works."""
        with ThreadPoolExecutor(1) as browser:
            answer = browser.submit(press)
            while not answer.done():
                self.drain.run()
            return answer.result()

    def hurry(self) -> None:
        """Let every wait be over: retries, vendors' pauses, mails held back for a moment."""
        with self.runtime.database.writing(EVERY_TENANT) as session:
            session.execute(
                update(Message).where(Message.status == "pending").values(available_at=wall_now())
            )
            session.execute(delete(Pause))

    def retry(self) -> None:
        """Work what waits for another try, and what follows."""
        self.hurry()
        self.settle()

    def pass_time(self, **step: float) -> None:
        """Move business time on both sides, sweep, and work what fell due."""
        self.sandbox.world.clock.advance(timedelta(**step))
        add_due_subjects(self.runtime)
        self.settle()

    def again(self, kind: str) -> None:
        """Have the newest message of a kind worked once more, as after a lost commit."""
        message_id = self.message(kind).id
        with self.runtime.database.writing(EVERY_TENANT) as session:
            row = session.get_one(Message, message_id)
            row.status, row.available_at, row.finished_at = "pending", wall_now(), None
        self.settle()
