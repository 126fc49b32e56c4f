"""A purchase: opened by the acceptance, given Stripe pages, moved by what Stripe says."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app import messages
from app.billing.ladder import METHOD_OPEN, MoneyStatus, may_follow
from app.clock import wall_now
from app.db import ScopedSession
from app.errors import ConflictError
from app.models import Proposal, Purchase
from app.proposals.projection import show_in_crm
from app.seal import Sealer
from app.tokens import new_token, token_hash

WAITING_SECONDS = 10


def subject_of(purchase_id: int) -> str:
    """Serialises everything that touches the money of one acceptance."""
    return f"purchase:{purchase_id}"


def open_purchase(
    session: ScopedSession, sealer: Sealer, proposal: Proposal, method: str, now: datetime
) -> Purchase:
    """Begin the money's ladder and have Stripe's page opened."""
    token = new_token()
    purchase = Purchase(
        tenant_id=proposal.tenant_id,
        proposal_id=proposal.id,
        status=MoneyStatus.AWAITING_METHOD,
        method=method,
        return_token_hash=token_hash(token),
        sealed_return_token=sealer.seal(proposal.tenant_id, "return_token", token),
        accepted_at=now,
    )
    session.add(purchase)
    session.flush()
    ask_for_page(session, purchase, method, now)
    return purchase


def ask_for_page(session: ScopedSession, purchase: Purchase, method: str, now: datetime) -> None:
    """Have a Stripe page ready for this method: the open one again, or a fresh one.

    Raises `ConflictError` (code: the money's status) while a payment is on its way or made.
    """
    if purchase.status not in METHOD_OPEN:
        raise ConflictError(purchase.status, f"The payment is {purchase.status}.")
    if open_page(purchase, method, now):
        return
    purchase.method = method
    purchase.page_number += 1
    purchase.stripe_page_url = ""
    messages.add(
        session,
        "stripe.open_page",
        f"{purchase.id}:{purchase.page_number}",
        subject=subject_of(purchase.id),
        payload={"purchase_id": purchase.id, "page_number": purchase.page_number},
    )


def open_page(purchase: Purchase, method: str, now: datetime) -> str | None:
    """The address of the Stripe page that waits for this method, if one is open.

    `now` is business time, in which Stripe's pages live too.
    """
    margin = timedelta(minutes=5)
    if purchase.method != method or not purchase.stripe_page_url or not purchase.page_expires_at:
        return None
    return purchase.stripe_page_url if purchase.page_expires_at > now + margin else None


def see_waiting(session: ScopedSession, purchase: Purchase) -> None:
    """The customer's browser came back from Stripe and waits: note it and have the page read."""
    purchase.seen_waiting_at = wall_now()
    if purchase.stripe_session_id and purchase.status in METHOD_OPEN:
        ask_for_setup(session, purchase, purchase.stripe_session_id, "return")


def ask_for_setup(
    session: ScopedSession, purchase: Purchase, session_id: str, occasion: str
) -> None:
    """Have a Stripe page's outcome read and billed; each occasion (event, return) asks once.

    A page that was completed takes no second method: whoever must choose again gets a fresh one.
    """
    if session_id == purchase.stripe_session_id:
        purchase.stripe_page_url = ""
    messages.add(
        session,
        "stripe.start_billing",
        f"{purchase.id}:{session_id}:{occasion}",
        subject=subject_of(purchase.id),
        payload={"purchase_id": purchase.id, "session_id": session_id},
    )


def is_waiting(purchase: Purchase) -> bool:
    """Whether the customer is before our return page now, to answer her bank at once."""
    seen = purchase.seen_waiting_at
    return seen is not None and wall_now() - seen < timedelta(seconds=WAITING_SECONDS)


def find_by_return_token(session: ScopedSession, token: str) -> Purchase | None:
    return session.scalars(
        select(Purchase).where(Purchase.return_token_hash == token_hash(token))
    ).first()


def move_money(
    session: ScopedSession, purchase: Purchase, to: MoneyStatus, problem: str = ""
) -> bool:
    """Move the purchase up its ladder and show it; False when the news is old."""
    if not may_follow(purchase.status, to):
        return False
    purchase.status = to
    purchase.problem = problem
    proposal = session.get_one(Proposal, purchase.proposal_id)
    session.flush()
    show_in_crm(session, proposal.deal_id)
    return True
