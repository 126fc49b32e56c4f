"""Repairs: each adds the message that should have been there; the ordinary handlers do the rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.db import Database
from app.proposals.projection import show_in_crm
from app.stripe_inbox import Source, store_event


@dataclass(frozen=True, slots=True)
class StoreEvent:
    """Take an event that no webhook brought, under the webhook's own key."""

    source: Source
    event: Mapping[str, Any]

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


Repair = StoreEvent | PushDeal
