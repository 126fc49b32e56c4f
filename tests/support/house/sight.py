"""What a test sees: the vendors' sides of the sandbox, and our own rows."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import select

from app.db import ScopedSession
from app.models import Connection, Message, Proposal, Purchase
from app.proposals.projection import newest_proposal
from app.proposals.request import find_deal
from app.runtime import Runtime
from sandbox.hubspot import records
from sandbox.mail import messages as mail
from sandbox.server import Server
from sandbox.slack.teams import messages as slack_messages
from sandbox.stripe.books import Books
from sandbox.stripe.deliveries import Deliveries
from tests.support.house.accounts import Account
from workers.drain import Drain

T = TypeVar("T")
Record = dict[str, Any]


@dataclass
class Sight:
    """One tenant, its product in this process and the sandbox around it."""

    sandbox: Server
    runtime: Runtime
    app: Flask
    account: Account
    tenant_id: int
    drain: Drain

    # At the vendors.

    def books(self) -> Books:
        """This seller's Stripe account."""
        return Books(self.sandbox.world, Deliveries(self.sandbox.world), self.account.stripe)

    def stripe(self, kind: str) -> list[Record]:
        """Stripe's objects of a kind, oldest first."""
        with self.sandbox.world.store.lock:
            return copy.deepcopy(list(self.books().table(kind).values()))

    def endpoint(self) -> Record:
        """Our webhook endpoint on the account."""
        return self.stripe("webhook_endpoint")[-1]

    def webhook_secret(self) -> str:
        table = self.books().table("webhook_secret")
        return str(table[self.endpoint()["id"]]["secret"])

    def deal(self, deal: str) -> dict[str, str]:
        """A deal's properties as they stand in the CRM."""
        found = records.get(self.sandbox.world, str(self.account.portal), "deals", deal)
        return dict(found["properties"])

    def mails(self, to: str = "") -> list[Record]:
        """Arrived mails, oldest first, of one person when an address is given."""
        found = [mail.described(r) for r in mail.table(self.sandbox.world).values()]
        return [one for one in found if not to or to in one["to"]]

    def posts(self) -> list[Record]:
        """What the team read in #ventes, without the message that tried the connection."""
        return list(slack_messages(self.sandbox.world, self.account.team, "C0VENTES").values())[1:]

    def calls(self, vendor: str) -> list[str]:
        """Arrivals at a vendor since `forget_calls`: `GET /v1/account`."""
        entries = self.sandbox.world.journal.entries(vendor)
        return [f"{entry['method']} {entry['path']}" for entry in entries]

    def forget_calls(self) -> None:
        self.sandbox.world.journal.clear()

    def fail(self, vendor: str, **fault: Any) -> None:
        """Arm a fault of the sandbox (`sandbox.faults.Fault`)."""
        self.sandbox.world.faults.arm(vendor=vendor, **fault)

    # Our own rows.

    def read(self, look: Callable[[ScopedSession], T]) -> T:
        with self.runtime.database.reading(self.tenant_id) as session:
            return look(session)

    def proposal(self, deal: str) -> Proposal:
        """The newest proposal of a deal."""

        def look(session: ScopedSession) -> Proposal | None:
            row = find_deal(session, deal)
            return newest_proposal(session, row.id) if row else None

        found = self.read(look)
        assert found is not None
        return found

    def purchase(self, purchase_id: int) -> Purchase:
        return self.read(lambda session: session.get_one(Purchase, purchase_id))

    def connection(self, provider: str) -> Connection:
        mine = select(Connection).where(Connection.provider == provider)
        return self.read(lambda session: session.scalars(mine).one())

    def messages(self, kind: str = "", status: str = "") -> list[Message]:
        """This tenant's messages in the order they were written."""
        wanted = select(Message).order_by(Message.id)
        found = self.read(lambda session: session.scalars(wanted).all())
        return [m for m in found if kind in ("", m.kind) and status in ("", m.status)]

    def message(self, kind: str) -> Message:
        """The newest message of a kind."""
        return self.messages(kind)[-1]

    def open_errors(self) -> list[tuple[str, str, str]]:
        """Kind, status and last error of everything that is not done."""
        return [
            (m.kind, m.status, m.last_error)
            for m in self.messages()
            if m.status not in ("done", "ignored")
        ]
