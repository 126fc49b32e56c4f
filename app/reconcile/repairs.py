"""Repairs: each adds the message that should have been there; the ordinary handlers do the rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import messages
from app.billing.purchases import subject_of
from app.billing.stripe_events import purchase_named
from app.billing.stripe_inbox import Source, object_of, store_event
from app.db import Database
from app.proposals.projection import show_in_crm

# The type of event that would have told of a change of each kind of object.
TOLD_BY = {
    "invoice": "invoice.updated",
    "subscription": "customer.subscription.updated",
    "checkout.session": "checkout.session.completed",
}


@dataclass(frozen=True, slots=True)
class StoreEvent:
    """Take an event that no webhook brought, under the webhook's own key."""

    source: Source
    event: Mapping[str, Any]

    @property
    def purchase(self) -> str:
        """The purchase that the event names, "" for none."""
        return purchase_named(object_of(self.event)) or ""

    def make(self, database: Database) -> None:
        if store_event(database, self.source, self.event, json.dumps(self.event)):
            database.bell()


@dataclass(frozen=True, slots=True)
class PushDeal:
    """Have what the CRM shows of a deal written again. `found`: a digest of what it says now."""

    tenant_id: int
    deal_id: int
    found: str

    def make(self, database: Database) -> None:
        with database.writing(self.tenant_id) as session:
            show_in_crm(session, self.deal_id, found=self.found)


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """Have an object of a purchase read and applied, as if an event had told of it.

    `kind` is Stripe's word for the object; `state` is what differed: one message for each.
    """

    tenant_id: int
    purchase: str
    kind: str
    object_id: str
    state: str

    @property
    def fact(self) -> str:
        return f"reconcile:{self.object_id}:{self.state}"

    def make(self, database: Database) -> None:
        hint = {
            "id": self.fact,
            "type": TOLD_BY[self.kind],
            "data": {
                "object": {
                    "object": self.kind,
                    "id": self.object_id,
                    "metadata": {"propale_purchase": self.purchase},
                }
            },
        }
        with database.writing(self.tenant_id) as session:
            messages.add(
                session,
                "inbox.stripe",
                self.fact,
                subject=subject_of(self.purchase),
                payload={"event": hint},
            )


Repair = StoreEvent | PushDeal | ReadAgain
