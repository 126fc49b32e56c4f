"""An installed and connected house: one tenant, its product in this process, the sandbox around it.

house.send("5101")                      # the rep's click, up to the mail
purchase = house.accept(proposal)       # the customer's choice, up to Stripe's page
house.enter(purchase, "card_ok")        # what she does there
house.settle()                          # work everything that follows, Stripe's webhooks too
"""

from __future__ import annotations

import copy
import json
import shutil
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from app import create_app
from app.accounts.connect import connect_slack, connect_stripe
from app.accounts.install import Grant, install_tenant
from app.accounts.preferences import change_preferences
from app.bell import Bell
from app.billing.purchases import ask_for_page, see_waiting
from app.clock import Clock, wall_now
from app.db import EVERY_TENANT, Database, ScopedSession
from app.models import Connection, Message, Pause, Proposal, Purchase
from app.proposals.accept import Evidence, accept_proposal
from app.proposals.projection import newest_proposal
from app.proposals.request import find_deal
from app.runtime import Runtime, read_offset
from app.seal import Sealer
from app.settings import Settings
from app.web import webhooks
from sandbox.hubspot import records, tokens
from sandbox.hubspot.proxy import signed_call
from sandbox.hubspot.registration import registration
from sandbox.mail import messages as mail
from sandbox.server import Server
from sandbox.slack.teams import messages as slack_messages
from sandbox.stripe import sessions
from sandbox.stripe.books import Books
from sandbox.stripe.deliveries import Deliveries, sign
from tests.support.environ import CLOSED, sandbox_names
from tests.support.postgres import PostgresServer
from workers.drain import Drain
from workers.handlers import HANDLERS
from workers.sweep import add_due_subjects

T = TypeVar("T")
LONGEST_KEPT = 15 * 60.0
Record = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """What one seller is at each vendor of the sandbox."""

    portal: int
    user: int
    stripe: str
    stripe_key: str
    slack_token: str
    team: str


FIRST = Account(
    148111, 7001, "acct_sandbox0001", "rk_test_sandbox0001", "xoxb-sandbox-token", "T0SANDBOX"
)
OTHER = Account(
    148222, 7002, "acct_sandbox0002", "rk_test_sandbox0002", "xoxb-sandbox-token-2", "T0AUTRE"
)
PREFERENCES = {
    "seller_name": "Maison du Sandbox",
    "seller_address": "10 rue de la Paix\n75002 Paris",
    "sender_name": "Maison du Sandbox",
    "reply_to": "bonjour@maison.example",
    "language": "fr",
    "terms": "Payable à l'acceptation.",
    "validity_days": "30",
    "billing_label": "Facturation",
    "stage_sent": "contractsent",
    "stage_accepted": "decisionmakerboughtin",
    "stage_paid": "closedwon",
}


class CountingBell(Bell):
    """Rings into the void and counts: most tests work the messages themselves."""

    rings = 0

    def ring(self) -> None:
        self.rings += 1


@dataclass
class House:
    """One tenant. `settle` plays the worker and carries Stripe's webhooks."""

    sandbox: Server
    runtime: Runtime
    app: Flask
    account: Account
    tenant_id: int
    drain: Drain
    hears: bool = True  # whether Stripe's events arrive
    _carried: set[str] = field(default_factory=set)

    # The rep.

    def card(
        self,
        path: str,
        body: Any = None,
        *,
        method: str | None = None,
        user: int | None = None,
        portal: int | None = None,
    ) -> TestResponse:
        """One call of the card below /api/card, signed as HubSpot signs it."""
        made = signed_call(
            self.sandbox.world.settings,
            portal=portal or self.account.portal,
            user=user or self.account.user,
            url=f"{self.runtime.settings.public_url}/api/card{path}",
            method=method or ("GET" if body is None else "POST"),
            body=body,
        )
        target = str(made.url).removeprefix(self.runtime.settings.public_url)
        return self.app.test_client().open(
            target, method=made.method or "GET", headers=dict(made.headers), data=made.body
        )

    def view(self, deal: str, language: str = "fr", *, again: bool = False) -> Record:
        """The card's state of a deal."""
        answer = self.card(f"/deals/{deal}?lang={language}{'&check=again' if again else ''}")
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def click(self, deal: str, recipient: str | None = None, **more: Any) -> TestResponse:
        """Press the button the card shows; with several recipients, the named one."""
        offers = self.view(deal)["offers"]
        chosen = next(o for o in offers if recipient in (None, o["recipient"]["contactId"]))
        body = {
            "requestId": str(uuid.uuid4()),
            "recipientContactId": chosen["recipient"]["contactId"],
            "shown": chosen["shown"],
            **more,
        }
        return self.card(f"/deals/{deal}/proposals?lang=fr", body)

    def send(self, deal: str = "5101", recipient: str | None = None) -> Proposal:
        """Click and work until the mail is out."""
        assert self.click(deal, recipient).status_code == 202
        self.settle()
        proposal = self.proposal(deal)
        assert proposal.status == "sent", self.open_errors()
        return proposal

    # The customer.

    def accept(self, proposal: Proposal, method: str = "card") -> Purchase:
        """Choose a method; Stripe's page is open afterwards unless Stripe was told to fail."""
        with self.runtime.database.writing(self.tenant_id) as session:
            purchase = accept_proposal(
                session,
                self.runtime.sealer,
                session.get_one(Proposal, proposal.id),
                method=method,
                version=proposal.version,
                evidence=Evidence("192.0.2.7", "Tests"),
                now=self.runtime.clock.now(),
            )
        self.settle()
        return self.purchase(purchase.id)

    def enter(self, purchase: Purchase, choice: str = "card_ok") -> None:
        """Enter a method on Stripe's page."""
        books, world = self.books(), self.sandbox.world
        session_id = self.purchase(purchase.id).stripe_session_id or ""
        with world.store.lock:
            sessions.complete(books, books.get("checkout.session", session_id), choice)

    def come_back(self, purchase: Purchase) -> None:
        """Her browser is on our return page and waits there."""
        with self.runtime.database.writing(self.tenant_id) as session:
            see_waiting(session, session.get_one(Purchase, purchase.id))

    def ask_again(self, purchase: Purchase, method: str = "card") -> Purchase:
        """Another method for a purchase that is not paid; a fresh Stripe page is open after it."""
        with self.runtime.database.writing(self.tenant_id) as session:
            again = session.get_one(Purchase, purchase.id)
            ask_for_page(session, again, method, self.runtime.clock.now())
        self.settle()
        return self.purchase(purchase.id)

    def buy(self, deal: str, choice: str = "card_ok", method: str = "card") -> Purchase:
        """The whole way: sent, accepted, method entered, everything worked."""
        purchase = self.accept(self.send(deal), method)
        self.enter(purchase, choice)
        self.settle()
        return self.purchase(purchase.id)

    # Time and work.

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
        """Stripe's events of the types we asked for, oldest first."""
        wanted = set(self.endpoint()["enabled_events"])
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

    # What there is to see.

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

    def again(self, kind: str) -> None:
        """Have the newest message of a kind worked once more, as after a lost commit."""
        message_id = self.message(kind).id
        with self.runtime.database.writing(EVERY_TENANT) as session:
            row = session.get_one(Message, message_id)
            row.status, row.available_at, row.finished_at = "pending", wall_now(), None
        self.settle()


def make_runtime(
    settings: Settings, bell: Bell | None = None, database: Database | None = None
) -> Runtime:
    """A runtime whose bell only counts, unless one is given."""
    database = database or Database(settings.database_url)
    bell = bell or CountingBell(settings.redis_url)
    database.bell = bell.ring
    clock = Clock(lambda: read_offset(database))
    return Runtime(settings, database, clock, Sealer(settings.encryption_keys), bell)


def install(sandbox: Server, runtime: Runtime, account: Account = FIRST) -> House:
    """Install and connect one seller and make his deal properties."""
    world = sandbox.world
    grant = {
        "portal": str(account.portal),
        "user": account.user,
        "scopes": sorted(registration(world.settings).required_scopes),
    }
    with world.store.lock:
        answer = tokens.issue(world, grant)
    tenant_id = install_tenant(
        runtime,
        Grant(
            hub_id=account.portal,
            user_id=account.user,
            access_token=answer["access_token"],
            refresh_token=answer["refresh_token"],
            expires_in=answer["expires_in"],
            currency="EUR",
            time_zone="Europe/Paris",
            test_account=True,
        ),
    )
    change_preferences(runtime.database, tenant_id, PREFERENCES, "fr")
    connect_stripe(runtime, tenant_id, account.stripe_key, "fr")
    connect_slack(runtime, tenant_id, account.slack_token, "#ventes", "fr")
    app, drain = create_app(runtime.settings, runtime), Drain(runtime, HANDLERS)
    house = House(sandbox, runtime, app, account, tenant_id, drain)
    keep_webhooks_for_the_test(house)
    house.drain.run()
    house.forget_calls()
    return house


def keep_webhooks_for_the_test(house: House) -> None:
    """Switch the sandbox's own sender off: `carry` delivers, when the test says so."""
    endpoint = {**house.endpoint(), "status": "disabled"}
    with house.sandbox.world.store.lock:
        house.books().save(endpoint)


@dataclass
class Prepared:
    """The first house, installed once: both sides are put back to that moment for each test.

    The engine and the application stay, so that statements and routes are compiled once.
    """

    file: Path
    template: Path
    database: Database
    app: Flask | None = None
    tenant_id: int = 0
    records: str = ""
    made_at: float = 0.0

    @property
    def old(self) -> bool:
        """HubSpot's token of that moment lives for half an hour."""
        return not self.records or time.monotonic() - self.made_at > LONGEST_KEPT

    @property
    def _kept(self) -> Path:
        return self.file.with_name("kept.db")

    def empty(self) -> None:
        """A migrated database and nothing in it."""
        with closing(sqlite3.connect(self.template)) as template:
            self._put(template)

    def restore(self) -> None:
        """Our rows as they were; `restore_sandbox` does the same for the vendors'."""
        with closing(sqlite3.connect(self._kept)) as kept:
            self._put(kept)

    def _put(self, source: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(self.file)) as mine:
            source.backup(mine)

    def remember(self, house: House) -> None:
        """Keep both sides as they are now."""
        store = house.sandbox.world.store
        with closing(sqlite3.connect(self.file)) as mine, store.lock:
            with closing(sqlite3.connect(self._kept)) as kept:
                mine.backup(kept)
            tables = {place: dict(table) for place, table in store._tables.items()}
            self.records = json.dumps([tables, store._numbers])
        self.app, self.tenant_id, self.made_at = house.app, house.tenant_id, time.monotonic()

    def house(self, sandbox: Server, runtime: Runtime) -> House:
        """The remembered house, in this test's sandbox and runtime."""
        assert self.app is not None
        store = sandbox.world.store
        tables, numbers = json.loads(self.records)
        with store.lock:
            for table in store._tables.values():
                table.forget()
            for place, records_of in tables.items():
                for key, record in records_of.items():
                    store.table(*place.split("/")).load(key, record)
            store._numbers = numbers
        self.app.extensions["propale"] = runtime
        webhooks._doors.clear()
        drain = Drain(runtime, HANDLERS)
        return House(sandbox, runtime, self.app, FIRST, self.tenant_id, drain)


@pytest.fixture(scope="session")
def prepared_house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    """The session's SQLite database for houses."""
    file = tmp_path_factory.mktemp("house") / "house.db"
    shutil.copy(sqlite_template, file)
    prepared = Prepared(file, sqlite_template, Database(f"sqlite:///{file}"))
    yield prepared
    prepared.database.engine.dispose()


@pytest.fixture
def house_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a SQLite file; with `indirect` parameter `postgresql` a database there."""
    if getattr(request, "param", "sqlite") == "sqlite":
        prepared: Prepared = request.getfixturevalue("prepared_house")
        yield f"sqlite:///{prepared.file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def house_settings(
    request: pytest.FixtureRequest, sandbox: Server, house_database: str, tmp_path: Path
) -> Settings:
    """The product's settings beside this sandbox; a test with `redis_url` has that Redis."""
    world = sandbox.world
    world.clock.database_url = house_database
    redis = {}
    if "redis_url" in request.fixturenames:
        redis["REDIS_URL"] = request.getfixturevalue("redis_url")
    names = sandbox_names(sandbox.url, world.settings.smtp_url)
    ours = {"DATA_DIR": str(tmp_path), "DATABASE_URL": house_database}
    return Settings.from_env({**CLOSED, **names, **ours, **redis})


@pytest.fixture
def house(
    request: pytest.FixtureRequest, sandbox: Server, house_settings: Settings
) -> Iterator[House]:
    """Portal 148111, installed and connected."""
    if house_settings.database_url.startswith("sqlite"):
        made = prepare_house(request.getfixturevalue("prepared_house"), sandbox, house_settings)
    else:
        made = install(sandbox, make_runtime(house_settings))
    yield made
    made.drain.stopping.set()
    made.drain._pool.shutdown()
    if not made.runtime.database.sqlite:
        made.runtime.database.engine.dispose()


def prepare_house(prepared: Prepared, sandbox: Server, settings: Settings) -> House:
    runtime = make_runtime(settings, database=prepared.database)
    if prepared.old:
        prepared.empty()
        prepared.remember(install(sandbox, runtime))
    prepared.restore()
    return prepared.house(sandbox, runtime)


@pytest.fixture
def other_house(sandbox: Server, house: House) -> House:
    """Portal 148222 on the same product; its deals share ids with the first."""
    return install(sandbox, house.runtime, OTHER)
