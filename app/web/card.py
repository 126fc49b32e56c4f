"""The card's calls, each signed by HubSpot: read a deal's state, request, withdraw, sign in."""

import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.accounts.configuration import note_refusal
from app.accounts.roles import Right, may, refuse_unless
from app.accounts.sessions import make_sign_in_link
from app.audit import Who, audit
from app.clock import wall_now
from app.db import ScopedSession
from app.errors import AppError, ConflictError, FailureKind, NotFoundError, ProviderError
from app.language import say, supported
from app.models import Deal, Proposal, Tenant
from app.proposals.card_view import card_view, needs_deal, not_connected
from app.proposals.close import withdraw_proposal
from app.proposals.flow import join_flow
from app.proposals.lifecycle import ProposalStatus
from app.proposals.preflight import Preflight
from app.proposals.projection import newest_proposal, push_is_worth_a_try, show_in_crm
from app.proposals.reading import check_deal, keep_snapshot, read_deal
from app.proposals.request import Click, find_deal, request_proposal
from app.providers.hubspot.pages import deal_page
from app.reasons import reason_of
from app.snapshot import DealSnapshot
from app.trail import join
from app.web.auth import Caller, card_caller, open_to
from app.web.body import parsed, raw_body
from app.web.runtime import runtime

blueprint = Blueprint("card", __name__, url_prefix="/api/card")
LARGEST_BODY = 64 * 1024
SNAPSHOT_LIFE = timedelta(seconds=60)
UUID = re.compile(r"[0-9a-fA-F-]{36}")
HUBSPOT_ID = re.compile(r"[0-9]{1,20}")
SHOWN = re.compile(r"[0-9a-f]{64}")


@blueprint.before_request
def limit_body() -> None:
    raw_body(LARGEST_BODY)


@blueprint.get("/deals/<deal_id>")
@open_to("signed card")
def show_deal(deal_id: str) -> Response:
    """The pre-flight and the deal's state; `check=again` always reads HubSpot."""
    caller, language = card_caller(), _language()
    if caller.tenant_id is None:
        return jsonify(not_connected(language, connectable=False))
    _try_refused_again(caller.tenant_id, _deal_id(deal_id))
    return jsonify(_view(caller, _deal_id(deal_id), language))


@blueprint.post("/deals/<deal_id>/proposals")
@open_to("signed card")
def create_proposal(deal_id: str) -> tuple[Response, int]:
    """Store the request; no vendor is called here, a worker does the rest."""
    caller, body = card_caller(), _body()
    click = Click(
        deal_id=_deal_id(deal_id),
        request_id=_field(body, "requestId", UUID),
        user_id=caller.user_id,
        user_email=caller.user_email,
        recipient_contact_id=_field(body, "recipientContactId", HUBSPOT_ID),
        shown=_field(body, "shown", SHOWN),
        language=_language(),
    )
    join(click.request_id)  # what follows from the click has the id that the card gave it
    request_proposal(runtime().database, _tenant(caller), click)
    return jsonify(state="taken"), 202


@blueprint.post("/deals/<deal_id>/withdraw")
@open_to("signed card")
def withdraw(deal_id: str) -> Response:
    """Withdraw a sent proposal, if the customer has not answered it."""
    caller, body, language = card_caller(), _body(), _language()
    wanted = _field(body, "proposalId", UUID)
    with runtime().database.writing(_tenant(caller)) as session:
        refuse_unless(session, caller.user_id, Right.SELL, language)
        deal = _known_deal(session, _deal_id(deal_id))
        proposal = newest_proposal(session, deal.id)
        if proposal is None or proposal.public_id != wanted:
            raise NotFoundError("proposal_unknown", say(language, "card.proposal_unknown"))
        join_flow(session, proposal.id)
        if proposal.status != ProposalStatus.WITHDRAWN:
            _withdraw(session, proposal, caller, language)
    return jsonify(_view(caller, deal.hubspot_deal_id, language))


@blueprint.post("/sign-in")
@open_to("signed card")
def sign_in() -> Response:
    """A one-time link that opens a session for the person HubSpot signed."""
    caller = card_caller()
    with runtime().database.writing(_tenant(caller)) as session:
        token = make_sign_in_link(session, caller.user_id, caller.user_email)
    return jsonify(url=f"{runtime().settings.public_url}/sign-in/{token}")


def _withdraw(session: ScopedSession, proposal: Proposal, caller: Caller, language: str) -> None:
    who = Who.person(caller.user_id, caller.user_email, address="")  # the call is HubSpot's own
    audit(session, who, "proposal.withdrawn", before={"proposal": proposal.number})
    try:
        withdraw_proposal(session, proposal, runtime().clock.now())
    except ConflictError as error:
        raise ConflictError(error.code, say(language, "card.too_late_to_withdraw")) from error


def _try_refused_again(tenant_id: int, hubspot_deal_id: str) -> None:
    """The rep may have filled in what HubSpot asked for; a worker finds out."""
    with runtime().database.reading(tenant_id) as session:
        deal = find_deal(session, hubspot_deal_id)
        if deal is None or not push_is_worth_a_try(session, deal):
            return
    with runtime().database.writing(tenant_id) as session:
        show_in_crm(session, deal.id)


def _view(caller: Caller, hubspot_deal_id: str, language: str) -> dict[str, Any]:
    """From our tables where that is enough, else with the deal read from HubSpot."""
    with runtime().database.reading(_tenant(caller)) as session:
        deal = find_deal(session, hubspot_deal_id)
        if deal is not None and not needs_deal(session, deal):
            return _shown(session, caller, deal, None, language)
        snapshot = _fresh_snapshot(deal)
        if deal is not None and snapshot is not None:
            checked = check_deal(session, runtime(), snapshot)
            return _shown(session, caller, deal, checked, language)
    return _read_view(caller, hubspot_deal_id, language)


def _read_view(caller: Caller, hubspot_deal_id: str, language: str) -> dict[str, Any]:
    tenant_id = _tenant(caller)
    try:
        snapshot = read_deal(runtime(), tenant_id, hubspot_deal_id)
    except ProviderError as error:
        return _unread(error, language)
    with runtime().database.writing(tenant_id) as session:
        checked = check_deal(session, runtime(), snapshot)
        deal = keep_snapshot(session, snapshot, checked)
        return _shown(session, caller, deal, checked, language)


def _shown(
    session: ScopedSession, caller: Caller, deal: Deal, checked: Preflight | None, language: str
) -> dict[str, Any]:
    settings, hub_id = runtime().settings, session.get_one(Tenant, session.scope).hub_id
    return card_view(
        session,
        deal,
        checked,
        language=language,
        public_url=settings.public_url,
        deal_url=deal_page(settings.hubspot_app_base, hub_id, deal.hubspot_deal_id),
        may_sell=may(session, caller.user_id, Right.SELL),
    )


def _fresh_snapshot(deal: Deal | None) -> DealSnapshot | None:
    """The stored snapshot, if it is recent, had no problems, and no new look was asked for."""
    if deal is None or not deal.snapshot or not deal.snapshot_at or not deal.snapshot_clean:
        return None
    if request.args.get("check") == "again" or wall_now() - deal.snapshot_at > SNAPSHOT_LIFE:
        return None
    return DealSnapshot.from_json(deal.snapshot)


def _unread(error: ProviderError, language: str) -> dict[str, Any]:
    note_refusal(runtime().database, error)
    if error.code == "not_found":
        raise NotFoundError("deal_unknown", say(language, "card.deal_unknown")) from error
    if error.kind is FailureKind.AUTH:
        return not_connected(language, connectable=True)
    if error.kind in (FailureKind.BLOCKED, FailureKind.CONFIGURATION):
        raise AppError("hubspot_refuses", reason_of(error).said(language), status=503) from error
    raise AppError("hubspot_away", say(language, "card.hubspot_away"), status=503) from error


def _known_deal(session: ScopedSession, hubspot_deal_id: str) -> Deal:
    deal = find_deal(session, hubspot_deal_id)
    if deal is None:
        raise NotFoundError("deal_unknown", say(_language(), "card.deal_unknown"))
    return deal


def _tenant(caller: Caller) -> int:
    if caller.tenant_id is None:
        raise NotFoundError("not_installed", say(_language(), "card.not_connected"))
    return caller.tenant_id


def _deal_id(text: str) -> str:
    if not HUBSPOT_ID.fullmatch(text):
        raise NotFoundError("deal_unknown", say(_language(), "card.deal_unknown"))
    return text


def _body() -> dict[str, Any]:
    try:
        _, body = parsed(request.get_data())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise AppError("not_json", "The body must be a JSON object.")
    return body


def _field(body: dict[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise AppError("field_wrong", f"The field {name} is missing or malformed.")
    return value


def _language() -> str:
    return supported(request.args.get("lang", "en"))
