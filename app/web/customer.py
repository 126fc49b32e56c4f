"""The customer's routes: read, accept by choosing a method, decline, come back from Stripe.

The link's token is the only proof of who calls. GET changes no proposal.
"""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from app.errors import ConflictError
from app.models import Proposal
from app.proposals.accept import Evidence, accept_proposal
from app.proposals.close import decline_proposal
from app.web.auth import open_to
from app.web.looked import not_for_a_look
from app.web.nonces import came_from_our_page
from app.web.onward import SEE_OTHER, go_on
from app.web.pages import (
    accepted_page,
    conflict_page,
    forbidden_page,
    invoice_page,
    missing_page,
    offer_page,
    pay_again,
    standing_page,
)
from app.web.returning import pay_from_return, show_invoice_from_return, show_return
from app.web.runtime import runtime
from app.web.standing import closed_standing
from app.web.visit import Visit, find_visit

LARGEST_FORM = 64 * 1024

blueprint = Blueprint("customer", __name__)
blueprint.add_url_rule("/r/<token>", view_func=show_return)
blueprint.add_url_rule("/r/<token>/invoice", view_func=show_invoice_from_return)
blueprint.add_url_rule("/r/<token>/pay", view_func=pay_from_return, methods=["POST"])


@blueprint.before_request
def limit_forms() -> None:
    request.max_content_length = LARGEST_FORM


@blueprint.get("/p/<token>")
@open_to("holder of the link")
def show(token: str) -> Response:
    """The offer while it can be answered, else its status."""
    visit = find_visit(runtime(), token)
    if visit is None:
        return missing_page()
    if visit.purchase:
        return accepted_page(visit, visit.purchase)
    closed = closed_standing(visit)
    return standing_page(visit, closed) if closed else offer_page(visit)


@blueprint.post("/p/<token>/accept")
@open_to("holder of the link")
def accept(token: str) -> Response:
    """Choosing a payment method is the acceptance; the next page is Stripe's."""
    visit = find_visit(runtime(), token)
    if visit is None:
        return missing_page()
    version = _version_of_our_form(visit, "accept")
    if version is None:
        return forbidden_page(visit)
    evidence = Evidence(request.remote_addr or "", request.user_agent.string)
    try:
        with runtime().database.writing(visit.proposal.tenant_id) as session:
            purchase = accept_proposal(
                session,
                runtime().sealer,
                session.get_one(Proposal, visit.proposal.id),
                method=request.form.get("method", ""),
                version=version,
                evidence=evidence,
                now=runtime().clock.now(),
            )
    except ConflictError as conflict:
        return _not_accepted(token, conflict.code)
    return go_on(runtime(), purchase, visit.at)


@blueprint.post("/p/<token>/decline")
@open_to("holder of the link")
def decline(token: str) -> Response:
    """The customer declines, with or without a reason."""
    visit = find_visit(runtime(), token)
    if visit is None:
        return missing_page()
    version = _version_of_our_form(visit, "decline")
    if version is None:
        return forbidden_page(visit)
    reason, now = request.form.get("reason", ""), runtime().clock.now()
    try:
        with runtime().database.writing(visit.proposal.tenant_id) as session:
            proposal = session.get_one(Proposal, visit.proposal.id)
            decline_proposal(session, proposal, version=version, reason=reason, now=now)
    except ConflictError as conflict:
        return _not_accepted(token, conflict.code)
    return redirect(visit.at, SEE_OTHER)


@blueprint.post("/p/<token>/pay")
@open_to("holder of the link")
def pay(token: str) -> Response:
    """Another Stripe page after the acceptance: an expired one, or another method."""
    visit = find_visit(runtime(), token)
    return pay_again(visit) if visit else missing_page()


@blueprint.get("/p/<token>/invoice")
@open_to("holder of the link")
@not_for_a_look
def show_invoice(token: str) -> Response:
    """To Stripe's page of the newest invoice: there she confirms, pays, or reads it."""
    visit = find_visit(runtime(), token)
    return invoice_page(visit) if visit else missing_page()


def _version_of_our_form(visit: Visit, purpose: str) -> int | None:
    """The version the customer saw, from our own form; None if the form is not ours."""
    version = request.form.get("version", "")
    settings = runtime().settings
    if not came_from_our_page(request, settings, purpose, visit.link_hash, version):
        return None
    return int(version)


def _not_accepted(token: str, code: str) -> Response:
    """Already answered: a second click leads on to payment, anything else is explained."""
    visit = find_visit(runtime(), token)
    if visit is None:
        return missing_page()
    if visit.purchase:
        return go_on(runtime(), visit.purchase, visit.at)
    return conflict_page(visit, code)
