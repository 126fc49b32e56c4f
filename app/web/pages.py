"""The pages customers get: the offer, its status, and the page for links that fail."""

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.billing.ladder import METHOD_OPEN
from app.billing.purchases import ask_for_page, cannot_be_read, lock_purchase
from app.errors import ConflictError
from app.language import LANGUAGES
from app.models import PaidInvoice, Purchase
from app.proposals.lifecycle import ProposalStatus
from app.proposals.seller import seller_of
from app.web.nonces import came_from_our_page, nonce
from app.web.onward import SEE_OTHER, go_on, go_to_invoice, stripe_page
from app.web.proposal_page import ShownInvoice, ShownProposal, show_document
from app.web.runtime import runtime
from app.web.standing import (
    HASTY_RELOADS,
    Standing,
    closed_standing,
    money_standing,
    preparing,
    reading_invoice,
    refusal,
    write_to_rep,
)
from app.web.visit import Visit
from app.wording.colour import palette
from app.wording.figures import day, moment, money

FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409
MOST_RELOADS = 10_000


def missing_page() -> Response:
    """One page, the same bytes for every bad link: unknown, revoked, mistyped."""
    language = request.accept_languages.best_match(LANGUAGES, "en")
    page = render_template("customer/missing.html", language=language)
    return make_response(page, NOT_FOUND)


def offer_page(visit: Visit) -> Response:
    """The whole offer with its buttons: accept by choosing a method, or decline."""
    proposal, settings = visit.proposal, runtime().settings
    page = render_template(
        "customer/offer.html",
        visit=visit,
        shown=shown_proposal(visit),
        palette=palette_of(visit),
        at=visit.at,
        language=visit.language,
        rep=write_to_rep(proposal),
        accept_nonce=nonce(settings, "accept", visit.link_hash, proposal.version),
        decline_nonce=nonce(settings, "decline", visit.link_hash, proposal.version),
    )
    return make_response(page)


def standing_page(visit: Visit, standing: Standing, status: int = 200) -> Response:
    """A panel with the status, and below it what was offered, for the record.

    A withdrawn proposal is not shown, and a page that reloads is kept short. The reload is a
    header, so it needs no JavaScript.
    """
    seller = seller_of(visit.proposal.document)
    bare = visit.proposal.status == ProposalStatus.WITHDRAWN or standing.reload is not None
    page = render_template(
        "customer/standing.html",
        visit=visit,
        shown=None if bare else shown_proposal(visit),
        number=visit.proposal.number,
        at=visit.at,
        seller_name=seller.name,
        logo=seller.logo,
        palette=palette_of(visit),
        standing=standing,
        accepted_at=accepted_words(visit),
        invoices=[_shown_invoice(invoice, visit) for invoice in visit.paid],
        pay_nonce=nonce(runtime().settings, "pay", visit.link_hash),
        language=visit.language,
    )
    answer = make_response(page, status)
    if standing.reload:
        answer.headers["Refresh"] = f"{standing.reload.seconds}; url={standing.reload.url}"
    return answer


def accepted_page(visit: Visit, purchase: Purchase) -> Response:
    """The status of the money; straight on to Stripe for a customer who just chose a method."""
    reloads = reloads_of("go")
    if not reloads or purchase.status not in METHOD_OPEN or not purchase.method:
        return standing_page(visit, money_standing(visit, purchase))
    if page := stripe_page(runtime(), purchase):
        return redirect(page, SEE_OTHER)
    return standing_page(visit, preparing(visit, reloads))


def invoice_page(visit: Visit) -> Response:
    """On to Stripe's page of the newest invoice, whose address a worker reads again first.

    Where that takes too long or was given up, the address as last read is better than none.
    """
    purchase = visit.purchase
    if purchase is None:
        return redirect(visit.at, SEE_OTHER)
    reloads = reloads_of("read")
    with runtime().database.reading(purchase.tenant_id) as session:
        in_vain = reloads > HASTY_RELOADS or cannot_be_read(session, purchase)
    if not in_vain:
        onward = go_to_invoice(runtime(), purchase, visit.at)
    else:
        known = purchase.hosted_invoice_url
        onward = redirect(known, SEE_OTHER) if known else None
    return onward or standing_page(visit, reading_invoice(visit, reloads, in_vain=in_vain))


def conflict_page(visit: Visit, code: str) -> Response:
    """Nothing was accepted or declined; the page says why and offers the way on."""
    closed = closed_standing(visit)
    return standing_page(visit, closed or refusal(visit, code), CONFLICT)


def forbidden_page(visit: Visit) -> Response:
    """The form was not ours or too old to be known."""
    return standing_page(visit, refusal(visit, "form"), FORBIDDEN)


def pay_again(visit: Visit) -> Response:
    """A new Stripe page for the chosen method, unless a payment is under way."""
    purchase = visit.purchase
    if not came_from_our_page(request, runtime().settings, "pay", visit.link_hash):
        return forbidden_page(visit)
    method = request.form.get("method", "")
    if method not in visit.proposal.methods:
        return conflict_page(visit, "method_not_offered")
    if purchase is None:
        return redirect(visit.at, SEE_OTHER)
    try:
        with runtime().database.writing(purchase.tenant_id) as session:
            purchase = lock_purchase(session, purchase.id)
            ask_for_page(session, purchase, method, visit.now)
    except ConflictError:
        return redirect(visit.at, SEE_OTHER)
    return go_on(runtime(), purchase, visit.at)


def shown_proposal(visit: Visit) -> ShownProposal:
    """The document for a page, its calendar counted from the acceptance, else from today."""
    purchase = visit.purchase
    begun = (purchase.first_paid_at or purchase.accepted_at) if purchase else visit.now
    proposal = visit.proposal
    return show_document(
        proposal.document, proposal.document_hash, begun.astimezone(visit.zone).date()
    )


def palette_of(visit: Visit) -> dict[str, str]:
    """The seller's colour as it was when the proposal was sent."""
    return palette(seller_of(visit.proposal.document).colour)


def _shown_invoice(invoice: PaidInvoice, visit: Visit) -> ShownInvoice:
    content = invoice.content
    return ShownInvoice(
        number=invoice.number,
        paid_on=day(invoice.paid_at.astimezone(visit.zone).date(), visit.language),
        amount=money(
            content.get("paid_minor", content["total_minor"]), content["currency"], visit.language
        ),
        url=content.get("hosted_url") or "",
    )


def accepted_words(visit: Visit) -> str:
    """When the customer accepted, in the seller's time zone; "" before."""
    if visit.purchase is None:
        return ""
    return moment(visit.purchase.accepted_at.astimezone(visit.zone), visit.language)


def reloads_of(name: str) -> int:
    """How often a waiting page has reloaded; 0 on a page that does not wait."""
    return min(max(request.args.get(name, 0, type=int), 0), MOST_RELOADS)
