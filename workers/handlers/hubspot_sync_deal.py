"""Writes to the CRM what it shows of a deal: the current state, and a stage that waits."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app import messages
from app.accounts.clients import ask_hubspot
from app.claims.lanes import is_open
from app.clock import CLOCKS_APART, wall_now
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.language import say
from app.messages import Claimed
from app.models import Deal, Message, Proposal, StageFact
from app.proposals.crm_properties import deal_properties
from app.proposals.problems import forget_problems, note_problem
from app.proposals.projection import newest_request
from app.proposals.request import rep_language
from app.reasons import Reason
from app.runtime import Runtime
from workers.handler import Effect, nothing_more
from workers.jobs import NotYetError

LONGEST_WRONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Push:
    """What one write sends: our properties and, if one waits, the deal's stage.

    `stage_before` is when we last wrote a stage of the deal.
    """

    hubspot_deal_id: str
    revision: int
    properties: dict[str, str]
    stage: StageFact | None
    stage_before: datetime | None
    language: str


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `deal_id`, `revision`."""
    push = _prepare(runtime, message)
    if push is None:
        return nothing_more
    try:
        problem = _write(runtime, message.tenant_id, push)
    except ProviderError as error:
        if error.late_seconds:
            _leave_alone(runtime, message, timedelta(seconds=error.late_seconds))
        raise
    return lambda session: _note(session, message, push, problem)


def _prepare(runtime: Runtime, message: Claimed) -> Push | None:
    """Read the current state, unless a newer one was written; mark the stage as *sending*."""
    with runtime.database.writing(message.tenant_id) as session:
        deal = session.get_one(Deal, message.payload["deal_id"])
        if deal.pushed_revision >= message.payload["revision"]:
            return None
        _check_properties(session)
        _check_quiet(deal)
        stage = _waiting_stage(session, deal)
        if stage:
            deal.stage_problem = ""  # of an older stage; this very write is to say that it is over
        properties = deal_properties(session, deal, runtime.settings.public_url)
        language = _language(session, stage)
        before = _last_stage_at(session, deal) if stage else None
        push = Push(deal.hubspot_deal_id, deal.revision, properties, stage, before, language)
        since = stage.sending_since if stage else None
        if stage:
            stage.status, stage.sending_since = "sending", since or wall_now()
    if stage and since and _stage_arrived(runtime, message.tenant_id, push):
        return replace(push, stage=None)
    return push


def _check_properties(session: ScopedSession) -> None:
    """After an install the properties are made first: HubSpot refuses values for what is not."""
    of_lane = (Message.provider == "hubspot", Message.kind == "hubspot.create_properties")
    coming = session.scalars(select(Message.id).where(is_open(), *of_lane).limit(1)).first()
    if coming is not None:
        raise NotYetError("hubspot.create_properties")


def _check_quiet(deal: Deal) -> None:
    """A write that arrives late would bring back an older stage and older properties."""
    left = (deal.quiet_until - wall_now()).total_seconds() if deal.quiet_until else 0.0
    if left > 0:
        words = "an earlier write may still arrive"
        raise ProviderError("hubspot", FailureKind.RETRYABLE, words, late_seconds=left)


def _leave_alone(runtime: Runtime, message: Claimed, time: timedelta) -> None:
    with runtime.database.writing(message.tenant_id) as session:
        session.get_one(Deal, message.payload["deal_id"]).quiet_until = wall_now() + time


def _language(session: ScopedSession, stage: StageFact | None) -> str:
    """The rep's, who reads what a rule of the portal has against the stage."""
    return rep_language(session, session.get_one(Proposal, stage.proposal_id)) if stage else ""


def _waiting_stage(session: ScopedSession, deal: Deal) -> StageFact | None:
    """The newest event's stage; older ones that still wait are never written."""
    waiting = select(StageFact).where(
        StageFact.deal_id == deal.id, StageFact.status.in_(("waiting", "sending"))
    )
    facts = session.scalars(waiting.order_by(StageFact.id)).all()
    for overtaken in facts[:-1]:
        overtaken.status = "overtaken"
    return facts[-1] if facts else None


def _last_stage_at(session: ScopedSession, deal: Deal) -> datetime | None:
    written = (StageFact.deal_id == deal.id, StageFact.status == "written")
    return session.scalars(select(func.max(StageFact.sending_since)).where(*written)).one()


def _stage_arrived(runtime: Runtime, tenant_id: int, push: Push) -> bool:
    """Whether an earlier call, whose answer we lost, already wrote the stage.

    A rep may have moved the deal on since then, so we look before we repeat. Our clock may be wrong
    by more than it should: what an app did after our last stage, a day ago at most, is ours.
    """
    stage = push.stage
    if stage is None or stage.sending_since is None:
        return False
    entries = ask_hubspot(
        runtime, tenant_id, lambda crm: crm.deal_stage_history(push.hubspot_deal_id)
    )
    since = stage.sending_since
    ours = max(since - LONGEST_WRONG, (push.stage_before or since - LONGEST_WRONG) + CLOCKS_APART)
    return any(
        e.stage_id == stage.stage_id
        and (e.at >= since - CLOCKS_APART or (e.by_app and e.at >= ours))
        for e in entries
    )


def _write(runtime: Runtime, tenant_id: int, push: Push) -> str:
    """Write; again without the stage if the portal refuses it. Returns words for the rep."""
    stage = {"dealstage": push.stage.stage_id} if push.stage else {}
    try:
        _update(runtime, tenant_id, push, push.properties | stage)
    except ProviderError as error:
        if not stage or error.code != "VALIDATION_ERROR":
            raise
        problem = say(push.language, "card.stage_refused", words=error.detail)
        _update(runtime, tenant_id, push, push.properties | {"propale_problem": problem})
        return problem
    return ""


def _update(runtime: Runtime, tenant_id: int, push: Push, values: dict[str, str]) -> None:
    ask_hubspot(runtime, tenant_id, lambda crm: crm.update_deal(push.hubspot_deal_id, values))


def _note(session: ScopedSession, message: Claimed, push: Push, problem: str) -> None:
    deal = session.get_one(Deal, message.payload["deal_id"])
    deal.pushed_revision = max(deal.pushed_revision, push.revision)
    forget_problems(session, deal.id, message.kind)
    messages.overtake(session, message)
    sending = select(StageFact).where(StageFact.deal_id == deal.id, StageFact.status == "sending")
    for fact in session.scalars(sending):
        fact.status = "refused" if problem else "written"
    if problem or push.stage:
        deal.stage_problem = problem


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """The CRM is behind, and only the card can say so; the next push writes everything."""
    deal = session.get_one(Deal, message.payload["deal_id"])
    if deal.pushed_revision >= message.payload["revision"]:
        return
    request = newest_request(session, deal.id)
    language = request.language if request else "fr"
    words = say(language, "card.crm_behind", reason=reason.said(language))
    note_problem(session, deal.id, message, words)
