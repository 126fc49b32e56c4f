"""The seller's copy of a proposal: the customer's page, read only, for signed-in colleagues."""

from flask import Blueprint, render_template
from sqlalchemy import select

from app.errors import NotFoundError
from app.language import say
from app.models import ColleagueSession, Preferences, Proposal
from app.proposals.lifecycle import UNSENT, ProposalStatus
from app.web.auth import colleagues_only, csrf_token
from app.web.pages import accepted_words, palette_of, shown_proposal
from app.web.runtime import runtime
from app.web.visit import Visit, visit_proposal

blueprint = Blueprint("colleague", __name__)


@blueprint.get("/d/<public_id>")
@colleagues_only
def show(person: ColleagueSession, public_id: str) -> str:
    """What the customer sees, and its status; another tenant's proposal is not found."""
    visit = find_copy(person, public_id)
    purchase = visit.purchase
    return render_template(
        "colleague_proposal.html",
        at=visit.at,
        shown=shown_proposal(visit),
        palette=palette_of(visit),
        language=visit.language,
        recipient_email=visit.proposal.recipient_email,
        status=say(visit.language, f"colleague.status.{_status(visit)}"),
        money=say(visit.language, f"colleague.money.{purchase.status}") if purchase else "",
        problem=purchase.problem if purchase else "",
        accepted_at=accepted_words(visit),
        decline_reason=visit.proposal.decline_reason,
        csrf_token=csrf_token(),
    )


def find_copy(person: ColleagueSession, public_id: str) -> Visit:
    """A proposal of the colleague's own tenant; raises `NotFoundError` for any other."""
    with runtime().database.reading(person.tenant_id) as session:
        wanted = select(Proposal.id).where(
            Proposal.public_id == public_id, Proposal.status.not_in(UNSENT)
        )
        proposal_id = session.scalars(wanted).first()
        language = session.get_one(Preferences, person.tenant_id).language
    if proposal_id is None:
        raise NotFoundError("proposal_unknown", say(language, "colleague.proposal_unknown"))
    return visit_proposal(runtime(), person.tenant_id, proposal_id, f"/d/{public_id}", "")


def _status(visit: Visit) -> str:
    """Past its last day a proposal is expired, even before the sweep has closed it."""
    if visit.proposal.status == ProposalStatus.SENT and not visit.still_valid:
        return ProposalStatus.EXPIRED
    return visit.proposal.status
