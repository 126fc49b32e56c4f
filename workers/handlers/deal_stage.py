"""A deal stage that waits to be written: whether it still should be, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.accounts.clients import ask_hubspot
from app.accounts.stages import stage_in
from app.clock import CLOCKS_APART, wall_now
from app.db import ScopedSession
from app.errors import ProviderError
from app.language import say
from app.models import Deal, Proposal, StageFact
from app.proposals.projection import UNWRITTEN, chosen_stage, show_in_crm
from app.proposals.request import rep_language
from app.runtime import Runtime

LONGEST_WRONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WaitingStage:
    """The stage to write, and what we must look at before.

    `since`: an earlier call began then, whose answer we lost. `refused_in`: where the deal stood
    when HubSpot refused the stage, "" if it never did. `before`: when we last wrote a stage of it.
    """

    id: int
    stage_id: str
    since: datetime | None
    refused_in: str
    before: datetime | None
    language: str


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """What became of it: written, refused (`problem` in the rep's words) or overtaken.

    `refused_in`, `pipeline_id`: where the deal stood when it was refused.
    """

    status: str
    problem: str = ""
    refused_in: str = ""
    pipeline_id: str = ""


def take_waiting_stage(session: ScopedSession, deal: Deal) -> WaitingStage | None:
    """The newest event's stage, marked as *sending*; older ones that wait are never written."""
    unwritten = (StageFact.deal_id == deal.id, StageFact.status.in_(UNWRITTEN))
    facts = session.scalars(select(StageFact).where(*unwritten).order_by(StageFact.id)).all()
    for overtaken in facts[:-1]:
        overtaken.status = "overtaken"
    if not facts:
        return None
    fact = facts[-1]
    proposal = session.get_one(Proposal, fact.proposal_id)
    if fact.status == "refused" and not _is_wanted_still(session, fact, proposal):
        fact.status, deal.stage_problem = "overtaken", ""
        return None
    since = fact.sending_since if fact.status == "sending" else None
    fact.status, fact.sending_since = "sending", since or wall_now()
    deal.stage_problem = ""  # of an older stage; this very write is to say that it is over
    return WaitingStage(
        fact.id,
        fact.stage_id,
        since,
        fact.refused_in,
        _last_stage_at(session, deal),
        rep_language(session, proposal),
    )


def _is_wanted_still(session: ScopedSession, fact: StageFact, proposal: Proposal) -> bool:
    """The tenant may have chosen another one since, because this one is gone from HubSpot.

    Without `refused_in` (an older version wrote it) nobody knows whether the rep moved the deal on.
    """
    fact.stage_id = chosen_stage(session, proposal, fact.event)
    return bool(fact.stage_id and fact.refused_in)


def _last_stage_at(session: ScopedSession, deal: Deal) -> datetime | None:
    written = (StageFact.deal_id == deal.id, StageFact.status == "written")
    return session.scalars(select(func.max(StageFact.sending_since)).where(*written)).one()


def settled_before(
    runtime: Runtime, tenant_id: int, deal_id: str, stage: WaitingStage
) -> StageOutcome | None:
    """What became of the stage without this write; None if it is to be written.

    A rep may have moved the deal on since a lost call or a refusal, so we look before we repeat.
    Our clock may be wrong by more than it should: what an app did after our last stage, a day ago
    at most, is ours.
    """
    if stage.since is None and not stage.refused_in:
        return None
    entries = ask_hubspot(runtime, tenant_id, lambda crm: crm.deal_stage_history(deal_id))
    now_in = entries[0].stage_id if entries else ""
    if stage.since is not None:
        earliest = stage.since - LONGEST_WRONG
        ours = max(earliest, (stage.before or earliest) + CLOCKS_APART)
        if any(
            e.stage_id == stage.stage_id
            and (e.at >= stage.since - CLOCKS_APART or (e.by_app and e.at >= ours))
            for e in entries
        ):
            return StageOutcome("written")
    if stage.refused_in and now_in == stage.stage_id:
        return StageOutcome("written")
    moved_on = stage.refused_in and now_in != stage.refused_in
    return StageOutcome("overtaken") if moved_on else None


def words_for_refusal(
    runtime: Runtime, tenant_id: int, stage: WaitingStage, error: ProviderError
) -> str:
    """What the rep should do: fill in the fields that HubSpot asks for, as she knows them."""
    asked = [name for name in error.complaints if name != "dealstage"]
    if not asked and error.complaints.get("dealstage") == "INVALID_OPTION":
        return say(stage.language, "card.stage_gone")
    if not asked:
        return say(stage.language, "card.stage_refused", words=error.detail)
    fields = ", ".join(_labels(runtime, tenant_id, asked))
    return say(stage.language, "card.stage_field_missing", fields=fields, words=error.detail)


def _labels(runtime: Runtime, tenant_id: int, names: list[str]) -> list[str]:
    """A field whose label cannot be read goes by its name: the status must not wait for it."""
    try:
        labels = ask_hubspot(runtime, tenant_id, lambda crm: crm.property_labels(names))
    except ProviderError:
        labels = {}
    return [labels.get(name) or name for name in names]


def refused_where(runtime: Runtime, tenant_id: int, deal_id: str, problem: str) -> StageOutcome:
    """The refusal, with the place in which the deal is now."""
    place = ask_hubspot(runtime, tenant_id, lambda crm: crm.deal_place(deal_id))
    return StageOutcome("refused", problem, place.stage_id, place.pipeline_id)


def note_outcome(
    session: ScopedSession, deal: Deal, stage: WaitingStage, outcome: StageOutcome
) -> None:
    fact = session.get_one(StageFact, stage.id)
    if outcome.status == "refused" and outcome.pipeline_id != deal.pipeline_id:
        _follow(session, deal, fact, outcome.pipeline_id)
        return
    fact.status, deal.stage_problem = outcome.status, outcome.problem
    if outcome.status == "refused":
        fact.refused_in, fact.refused_at = outcome.refused_in, wall_now()


def _follow(session: ScopedSession, deal: Deal, fact: StageFact, pipeline_id: str) -> None:
    """The deal was moved to another pipeline since we read it: what is chosen there counts."""
    deal.pipeline_id = pipeline_id
    chosen = stage_in(session, pipeline_id, fact.event)
    fact.status, fact.stage_id = ("waiting" if chosen else "overtaken"), chosen or fact.stage_id
    show_in_crm(session, deal.id)
