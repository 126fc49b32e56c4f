"""Messages to people, written beside rows that builders made: no flow is played for them."""

from typing import Any

from app import messages
from app.models import Proposal, Purchase, Tenant
from tests.factories import make_proposal, make_purchase
from tests.support.house import House

# The money's status in which each kind of mail is true.
STATUS = {
    "action_needed": "action_needed",
    "payment_failed": "failed",
    "renewal_failed": "past_due",
    "rep_failed": "failed",
    "rep_held": "held",
    "rep_paid": "paid",
    "rep_renewal_failed": "past_due",
}


def tenant_of(house: House) -> Tenant:
    return house.read(lambda session: session.get_one(Tenant, house.tenant_id))


def accepted(house: House, status: str = "awaiting_method", **proposal: Any) -> Purchase:
    """An accepted proposal whose money stands there."""
    database = house.runtime.database
    row = make_proposal(database, tenant_of(house), **proposal)
    return make_purchase(database, row, status=status)


def tell(house: House, kind: str, purchase: Purchase, **payload: Any) -> None:
    """Write the message; nobody has worked it yet."""
    given = {"proposal_id": purchase.proposal_id, **payload}
    with house.runtime.database.writing(house.tenant_id) as session:
        messages.add(session, kind, "told", payload=given)


def proposal_of(house: House, purchase: Purchase) -> Proposal:
    return house.read(lambda session: session.get_one(Proposal, purchase.proposal_id))
