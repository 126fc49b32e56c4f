"""Two people, browsers, sweeps or workers at the same instant, each race run twice.

First its guard is taken away, and the race is lost for all to see: else the test beside it would
prove nothing. Then the guard is back, and one of the two wins. Both have read what they decide by
before either writes. The event and the returning browser race in tests/workers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update

from app import messages
from app.accounts import refresh
from app.accounts.refresh import hubspot_token
from app.bell import Bell
from app.clock import Clock, wall_now
from app.db import changed_rows
from app.models import Acceptance, Message, Proposal, ProposalRequest, Purchase
from app.proposals import accept as accepting
from app.proposals import close as closing
from app.proposals import request as requesting
from app.proposals.accept import Evidence, accept_proposal
from app.proposals.close import expire_due_proposals, withdraw_proposal
from app.proposals.request import request_proposal
from app.runtime import Runtime
from sandbox.hubspot import tokens
from tests.db.racing import Meeting, failures, together
from tests.factories import SEALER, make_connection, make_deal, make_proposal, make_tenant
from tests.values import make_click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.db import Database, ScopedSession
    from app.models import Tenant
    from app.proposals.lifecycle import ProposalStatus
    from app.settings import Settings
    from sandbox.server import Server

# Only here do two transactions write at once; SQLite lets one in after the other.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

GUARDED = pytest.mark.parametrize("guarded", [False, True], ids=["no guard", "guarded"])
AN_HOUR = timedelta(hours=1)
TENANT_SCOPES = {"portal": "148111", "user": 7001, "scopes": ["oauth"]}


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Meeting:
    return Meeting(monkeypatch)


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


@pytest.fixture
def proposal(database: Database, tenant: Tenant) -> Proposal:
    return make_proposal(database, tenant)


def move_whatever_it_is(
    session: ScopedSession, proposal: Proposal, to: ProposalStatus, **values: Any
) -> bool:
    """Our move without its guard: it does not look at the status the row has by now."""
    blind = update(Proposal).where(Proposal.id == proposal.id).values(status=to.value, **values)
    changed_rows(session, blind)
    session.refresh(proposal)
    return True


def meet_at_the_move(meeting: Meeting, *, guarded: bool) -> None:
    """Both have seen a sent proposal; then they move it, with the guard or without."""
    for module in (accepting, closing):
        meeting.before(module, "move", None if guarded else move_whatever_it_is)


def accept(database: Database, proposal: Proposal) -> Purchase:
    given: dict[str, Any] = {"method": "card", "version": 1, "now": wall_now()}
    with database.writing(proposal.tenant_id) as session:
        row = session.get_one(Proposal, proposal.id)
        return accept_proposal(session, SEALER, row, evidence=Evidence("192.0.2.7", ""), **given)


def withdraw(database: Database, proposal: Proposal) -> None:
    with database.writing(proposal.tenant_id) as session:
        withdraw_proposal(session, session.get_one(Proposal, proposal.id), wall_now())


def expire(database: Database, proposal: Proposal) -> None:
    assert proposal.valid_until is not None
    expire_due_proposals(database, proposal.valid_until + AN_HOUR)


def rows(database: Database, tenant_id: int, table: type[Any]) -> list[Any]:
    with database.reading(tenant_id) as session:
        return list(session.scalars(select(table).order_by(table.id)))


@pytest.mark.usefixtures("schema_of_its_own")
@GUARDED
def test_accept_accept(
    database: Database, proposal: Proposal, meeting: Meeting, *, guarded: bool
) -> None:
    meet_at_the_move(meeting, guarded=guarded)
    if not guarded:
        with database.engine.begin() as connection:
            for table in ("acceptances", "purchases"):
                name = f"uq_{table}_tenant_id_proposal_id"
                connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))

    results = together(database, *[lambda: accept(database, proposal)] * 2)

    assert len(failures(results)) == guarded
    assert len(rows(database, proposal.tenant_id, Acceptance)) == 2 - guarded
    assert len(rows(database, proposal.tenant_id, Purchase)) == 2 - guarded


@pytest.mark.parametrize("other", [expire, withdraw])
@GUARDED
def test_accept_against_the_end(
    database: Database,
    proposal: Proposal,
    meeting: Meeting,
    other: Callable[[Database, Proposal], None],
    *,
    guarded: bool,
) -> None:
    meet_at_the_move(meeting, guarded=guarded)

    together(database, lambda: accept(database, proposal), lambda: other(database, proposal))

    [row] = rows(database, proposal.tenant_id, Proposal)
    accepted = len(rows(database, proposal.tenant_id, Acceptance)) == 1
    closed = row.closed_at is not None
    assert (accepted and closed) is not guarded
    assert accepted or closed
    if guarded:
        assert (row.status == "accepted") is accepted


@pytest.mark.usefixtures("schema_of_its_own")
@GUARDED
def test_create_create(
    database: Database, tenant: Tenant, meeting: Meeting, *, guarded: bool
) -> None:
    make_deal(database, tenant, hubspot_deal_id="5101")
    meeting.after(requesting, "_taken_before")
    if not guarded:
        with database.engine.begin() as connection:
            connection.execute(text("DROP INDEX uq_proposal_requests_one_open"))
    clicks = [make_click(request_id=f"2b1f0c9e-7f5e-4a0e-9a51-00000000000{n}") for n in (1, 2)]

    results = together(
        database, *[lambda c=c: request_proposal(database, tenant.id, c) for c in clicks]
    )

    assert len(failures(results)) == guarded
    assert len(rows(database, tenant.id, ProposalRequest)) == 2 - guarded
    assert len(rows(database, tenant.id, Message)) == 2 - guarded


@GUARDED
def test_refresh_refresh(
    database: Database,
    sandbox: Server,
    settings: Settings,
    tenant: Tenant,
    meeting: Meeting,
    *,
    guarded: bool,
) -> None:
    issued = tokens.issue(sandbox.world, dict(TENANT_SCOPES))
    held = {name: issued[name] for name in ("access_token", "refresh_token")}
    make_connection(database, tenant, "hubspot", held, expires_at=wall_now())
    runtime = Runtime(settings, database, Clock(), SEALER, Bell(settings.redis_url))
    meeting.after(refresh, "_read")
    if not guarded:
        meeting.monkeypatch.setattr(refresh, "_lease", lambda _runtime, _seen: True)

    together(database, *[lambda: hubspot_token(runtime, tenant.id)] * 2)

    asked = sandbox.world.journal.entries("hubspot")
    refreshes = [entry for entry in asked if entry["path"].endswith("/oauth/2026-09/token")]
    assert len(refreshes) == 2 - guarded


@GUARDED
def test_two_workers_on_one_message(
    database: Database, tenant: Tenant, meeting: Meeting, *, guarded: bool
) -> None:
    def choose_without_locks(session: Session, *_: Any) -> Sequence[Any]:
        return session.execute(select(Message.id).where(Message.status == "pending")).all()

    def read_without_locks(session: Session, ids: list[int], _now: datetime) -> Sequence[Any]:
        read = select(*Message.__table__.c).where(Message.id.in_(ids))
        found = session.connection().execute(read).all()
        meeting.wait()
        return found

    with database.writing(tenant.id) as session:
        messages.add(session, "slack.accepted", "1", payload={}, after=-AN_HOUR)
    if guarded:
        meeting.before(messages, "choose")
    else:
        meeting.monkeypatch.setattr(messages, "choose", choose_without_locks)
        meeting.monkeypatch.setattr(messages, "lock_due", read_without_locks)

    results = together(database, *[lambda: messages.claim(database, 8)] * 2)

    assert failures(results) == []
    assert [claimed.attempt for result in results for claimed in result] == [1] * (2 - guarded)


@GUARDED
def test_two_sweeps(
    database: Database, proposal: Proposal, meeting: Meeting, *, guarded: bool
) -> None:
    meet_at_the_move(meeting, guarded=guarded)

    together(database, *[lambda: expire(database, proposal)] * 2)

    shown = [message.kind for message in rows(database, proposal.tenant_id, Message)]
    assert shown == ["hubspot.sync_deal"] * (2 - guarded)
    assert [row.status for row in rows(database, proposal.tenant_id, Proposal)] == ["expired"]
