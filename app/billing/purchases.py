"""A purchase: opened by the acceptance, given Stripe pages, moved by what Stripe says."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from app import messages
from app.billing.ladder import METHOD_OPEN, MoneyStatus, may_follow
from app.claims.lanes import is_open
from app.clock import wall_now
from app.db import ScopedSession
from app.errors import ConflictError
from app.models import Message, Proposal, Purchase
from app.models.messages import DEAD
from app.proposals.projection import show_in_crm
from app.seal import Sealer
from app.tokens import new_token, token_hash

WAITING_SECONDS = 20
# Stripe's address of an invoice lasts for weeks, but not for ever; a new reading has a new one.
ADDRESS_LIFE = timedelta(minutes=1)
# The returning browser should start billing first: then the bank can ask the customer at once.
RETURN_FIRST = timedelta(seconds=3)


def subject_of(public_id: str) -> str:
    """The message subject of one purchase: its messages are worked one after another."""
    return f"purchase:{public_id}"


def open_purchase(
    session: ScopedSession, sealer: Sealer, proposal: Proposal, method: str, now: datetime
) -> Purchase:
    """Make the purchase and have Stripe's page opened."""
    token = new_token()
    purchase = Purchase(
        tenant_id=proposal.tenant_id,
        public_id=str(uuid.uuid4()),
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


def lock_purchase(session: ScopedSession, purchase_id: int) -> Purchase:
    """Read the purchase and lock its row until the commit.

    Whoever moves the money decides by what is read here: two pieces of news take turns.
    """
    return session.get_one(Purchase, purchase_id, with_for_update=True)


def ask_for_page(session: ScopedSession, purchase: Purchase, method: str, now: datetime) -> None:
    """Have a Stripe page for this method: keep the open one, else ask for a new one.

    Raises `ConflictError` (code: the money's status) if a payment is under way or made.
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
        subject=subject_of(purchase.public_id),
        payload={"purchase_id": purchase.id, "page_number": purchase.page_number},
    )


def open_page(purchase: Purchase, method: str, now: datetime) -> str | None:
    """The address of the open Stripe page for this method, if there is one.

    `now` is business time, which Stripe's pages follow too.
    """
    margin = timedelta(minutes=5)
    if purchase.method != method or not purchase.stripe_page_url or not purchase.page_expires_at:
        return None
    return purchase.stripe_page_url if purchase.page_expires_at > now + margin else None


def see_waiting(session: ScopedSession, purchase: Purchase) -> None:
    """The customer's browser came back from Stripe and waits: note it and ask for billing."""
    purchase.seen_waiting_at = wall_now()
    page = purchase.stripe_session_id
    unread = page not in purchase.billed_pages and purchase.status in METHOD_OPEN
    if page and unread and not being_read(session, purchase):
        moment = f"return:{purchase.seen_waiting_at.timestamp():.3f}"
        _ask_for_setup(session, purchase, page, moment)


def hear_of_setup(
    session: ScopedSession, purchase: Purchase, session_id: str, event_id: str
) -> None:
    """Stripe's event says that a page is complete: ask for billing.

    Wait 3 s, so that the customer's own browser starts billing first.
    """
    _ask_for_setup(session, purchase, session_id, event_id, after=RETURN_FIRST)


def ask_for_invoice(session: ScopedSession, purchase: Purchase) -> bool:
    """Have the leading invoice read again for its page's address; False if that is not needed."""
    if not leading_invoice(purchase) or is_read(purchase):
        return False
    read_leading_invoice(session, purchase)
    return True


def read_leading_invoice(session: ScopedSession, purchase: Purchase) -> None:
    """Have it read again, unless that is asked for already."""
    if not _waits(session, purchase, "stripe.read_invoice"):
        messages.add(
            session,
            "stripe.read_invoice",
            f"{purchase.id}:{wall_now().timestamp():.3f}",
            subject=subject_of(purchase.public_id),
            payload={"purchase_id": purchase.id, "invoice_id": leading_invoice(purchase)},
        )


def leading_invoice(purchase: Purchase) -> str:
    """The invoice that says how the money stands: the first until it is paid, then the newest."""
    if purchase.first_paid_at is None and purchase.stripe_invoice_id:
        return purchase.stripe_invoice_id
    return purchase.newest_invoice_id


def cannot_be_read(session: ScopedSession, purchase: Purchase) -> bool:
    """Whether reading the leading invoice was given up: the rep was told, and once is enough."""
    given_up = select(Message.payload).where(
        DEAD,
        Message.subject == subject_of(purchase.public_id),
        Message.kind == "stripe.read_invoice",
    )
    given = session.scalars(given_up)
    return any(one.get("invoice_id") == leading_invoice(purchase) for one in given)


def is_read(purchase: Purchase) -> bool:
    """Whether the leading invoice was read a moment ago."""
    read_at = purchase.invoice_read_at
    return read_at is not None and wall_now() - read_at < ADDRESS_LIFE


def close_page(purchase: Purchase, session_id: str) -> None:
    """The page was billed, or nobody knows: it is not read again and takes no second method."""
    if session_id not in purchase.billed_pages:
        purchase.billed_pages = [*purchase.billed_pages, session_id]
    if purchase.stripe_session_id == session_id:
        purchase.stripe_page_url = ""


def being_read(session: ScopedSession, purchase: Purchase) -> bool:
    """Whether a message to read a Stripe page's result and bill it is waiting or in work."""
    return _waits(session, purchase, "stripe.start_billing")


def _waits(session: ScopedSession, purchase: Purchase, kind: str) -> bool:
    waiting = select(Message.id).where(
        Message.subject == subject_of(purchase.public_id),
        Message.kind == kind,
        is_open(),
    )
    return session.scalars(waiting.limit(1)).first() is not None


def _ask_for_setup(
    session: ScopedSession,
    purchase: Purchase,
    session_id: str,
    occasion: str,
    after: timedelta = timedelta(0),
) -> None:
    messages.add(
        session,
        "stripe.start_billing",
        f"{purchase.id}:{session_id}:{occasion}",
        subject=subject_of(purchase.public_id),
        payload={"purchase_id": purchase.id, "session_id": session_id},
        after=after,
    )


def is_waiting(purchase: Purchase) -> bool:
    """Whether the customer is on our return page now and can answer the bank at once."""
    seen = purchase.seen_waiting_at
    return seen is not None and wall_now() - seen < timedelta(seconds=WAITING_SECONDS)


def find_by_return_token(session: ScopedSession, token: str) -> Purchase | None:
    return session.scalars(
        select(Purchase).where(Purchase.return_token_hash == token_hash(token))
    ).first()


def move_money(
    session: ScopedSession, purchase: Purchase, to: MoneyStatus, problem: str = ""
) -> bool:
    """Move a locked purchase to a status and show it in the CRM; False if that may not follow."""
    if not may_follow(purchase.status, to):
        return False
    purchase.status = to
    purchase.problem = problem
    proposal = session.get_one(Proposal, purchase.proposal_id)
    session.flush()
    show_in_crm(session, proposal.deal_id)
    return True
