"""Writes to the CRM what it shows of a deal: the current state, and a stage that waits."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from sqlalchemy import select

from app import messages
from app.accounts.clients import ask_hubspot
from app.claims.lanes import is_open
from app.clock import wall_now
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.language import say
from app.messages import Claimed
from app.models import Deal, Message
from app.proposals.crm_properties import deal_properties
from app.proposals.problems import forget_problems, note_problem
from app.proposals.projection import newest_request
from app.reasons import Reason
from app.runtime import Runtime
from app.trail import note
from workers.handler import Effect, nothing_more
from workers.handlers.deal_stage import (
    StageOutcome,
    WaitingStage,
    note_outcome,
    refused_where,
    settled_before,
    take_waiting_stage,
    words_for_refusal,
)
from workers.jobs import NotYetError


@dataclass(frozen=True, slots=True)
class Push:
    """What one write sends: our properties and, if one waits, the deal's stage."""

    hubspot_deal_id: str
    revision: int
    properties: dict[str, str]
    stage: WaitingStage | None


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `deal_id`, `revision`."""
    push = _prepare(runtime, message)
    if push is None:
        return nothing_more
    try:
        outcome = _write(runtime, message.tenant_id, push)
    except ProviderError as error:
        if error.late_seconds:
            _leave_alone(runtime, message, timedelta(seconds=error.late_seconds))
        raise
    return lambda session: _note(session, message, push, outcome)


def _prepare(runtime: Runtime, message: Claimed) -> Push | None:
    """Read the current state, unless a newer one was written; mark the stage as *sending*."""
    with runtime.database.writing(message.tenant_id) as session:
        deal = session.get_one(Deal, message.payload["deal_id"])
        if deal.pushed_revision >= message.payload["revision"]:
            return None
        _check_properties(session)
        _check_quiet(deal)
        stage = take_waiting_stage(session, deal)
        properties = deal_properties(session, deal, runtime.settings.public_url)
        note(proposal=properties.get("propale_number", ""))
        return Push(deal.hubspot_deal_id, deal.revision, properties, stage)


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


def _write(runtime: Runtime, tenant_id: int, push: Push) -> StageOutcome | None:
    """Write, and again without the stage if the write was refused, whatever HubSpot calls that."""
    stage, deal_id = push.stage, push.hubspot_deal_id
    outcome = settled_before(runtime, tenant_id, deal_id, stage) if stage else None
    if stage is None or outcome:
        _update(runtime, tenant_id, push, push.properties)
        return outcome
    try:
        _update(runtime, tenant_id, push, push.properties | {"dealstage": stage.stage_id})
        return StageOutcome("written")
    except ProviderError as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        problem = words_for_refusal(runtime, tenant_id, stage, error)
    _update(runtime, tenant_id, push, push.properties | {"propale_problem": problem})
    return refused_where(runtime, tenant_id, deal_id, problem)


def _update(runtime: Runtime, tenant_id: int, push: Push, values: dict[str, str]) -> None:
    ask_hubspot(runtime, tenant_id, lambda crm: crm.update_deal(push.hubspot_deal_id, values))


def _note(
    session: ScopedSession, message: Claimed, push: Push, outcome: StageOutcome | None
) -> None:
    deal = session.get_one(Deal, message.payload["deal_id"])
    deal.pushed_revision = max(deal.pushed_revision, push.revision)
    forget_problems(session, deal.id, message.kind)
    messages.overtake(session, message)
    if push.stage and outcome:
        note_outcome(session, deal, push.stage, outcome)


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """The CRM is behind, and only the card can say so; the next push writes everything."""
    deal = session.get_one(Deal, message.payload["deal_id"])
    if deal.pushed_revision >= message.payload["revision"]:
        return
    request = newest_request(session, deal.id)
    language = request.language if request else "fr"
    words = say(language, "card.crm_behind", reason=reason.said(language))
    note_problem(session, deal.id, message, words)
