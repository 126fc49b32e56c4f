"""No payment method yet: the customer is reminded after an hour and a day, the rep after a day."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from app import messages
from app.accounts.quiet import quiet_wait
from app.billing.ladder import MoneyStatus
from app.billing.purchases import being_read, lock_purchase
from app.db import Database, ScopedSession
from app.due import change_each
from app.models import Purchase
from app.proposals.flow import join_flow
from app.proposals.telling import tell

REMINDERS = (
    (timedelta(hours=1), "email.reminder_1h"),
    (timedelta(hours=24), "email.reminder_24h"),
)


def add_due_reminders(database: Database, now: datetime) -> None:
    """Add the reminders whose business time has come; the sweep calls this."""
    due = or_(
        *(
            (Purchase.reminders_sent == sent) & (Purchase.accepted_at <= now - wait)
            for sent, (wait, _) in enumerate(REMINDERS)
        )
    )
    waiting = select(Purchase.tenant_id, Purchase.id).where(
        Purchase.status == MoneyStatus.AWAITING_METHOD, due
    )
    change_each(database, waiting, lambda session, row_id: _remind(session, row_id, now))


def _remind(session: ScopedSession, purchase_id: int, now: datetime) -> None:
    """Send the newest reminder that is due; an older one that was missed is not sent."""
    purchase = lock_purchase(session, purchase_id)
    due = [n for n, (wait, _) in enumerate(REMINDERS) if purchase.accepted_at <= now - wait]
    if purchase.status != MoneyStatus.AWAITING_METHOD or not due:
        return
    newest = due[-1]
    if purchase.reminders_sent > newest or being_read(session, purchase):
        return
    purchase.reminders_sent = newest + 1
    join_flow(session, purchase.proposal_id)
    payload = {"proposal_id": purchase.proposal_id}
    after = quiet_wait(session)
    messages.add(session, REMINDERS[newest][1], str(purchase.id), payload=payload, after=after)
    if newest == len(REMINDERS) - 1:
        tell(session, "still_waiting", str(purchase.id), payload)
