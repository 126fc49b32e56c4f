"""Taking our webhook endpoint off the Stripe account of a tenant that is about to be erased."""

from sqlalchemy import select

from app import messages
from app.accounts.connections import find_connection
from app.claims.lanes import is_open
from app.db import ScopedSession
from app.models import Message, Tenant

LEAVE = "stripe.leave"


def leave_stripe(session: ScopedSession) -> bool:
    """Have a worker take it off, asked once however often this is called; True while it has to.

    False when that has ended, well or not, or is not needed.

    Our platform's one endpoint hears of all accounts: there is none on those it reaches.
    """
    connection = find_connection(session, "stripe")
    if connection is None or not connection.sealed or connection.platform_account:
        return False
    left_at = session.get_one(Tenant, session.scope).left_at
    messages.add(session, LEAVE, str(left_at), payload={})
    session.flush()
    waiting = select(Message.id).where(is_open(), Message.kind == LEAVE)
    return session.scalars(waiting.limit(1)).first() is not None
