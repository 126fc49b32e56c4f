"""The Stripe customer that stands for a proposal's buyer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.accounts.connections import get_connection
from app.billing.mirrors import (
    MirrorKey,
    buyer_mark,
    buyer_of,
    find_mirror,
    forget_mirror,
    keep_mirror,
    mirrored,
)
from app.models import Operation, Proposal
from app.providers.stripe.answers import Customer
from app.providers.stripe.billing import StripeBilling
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Buyer:
    """A proposal's buyer in the connected Stripe account."""

    runtime: Runtime
    stripe: StripeBilling
    proposal: Proposal

    def customer_id(self) -> str:
        """The customer in our own table, else a new one: an e-mail alone proves nothing."""

        def make(operation: Operation) -> str:
            key = operation.operation_key
            return self.stripe.create_customer(**operation.given, operation_key=key)

        given = self._given()
        return mirrored(self.runtime.database, self._key(), given, look=self._marked_id, make=make)

    def look(self) -> tuple[str | None, list[str]]:
        """Find the customer by our table or our metadata. The same e-mail is only a note."""
        database, key = self.runtime.database, self._key()
        known = find_mirror(database, key)
        if known and known.object_id:
            customer = self.stripe.find_customer(known.object_id)
            if customer and not customer.deleted:
                credit = bool(customer.balance_minor) or customer.has_discount
                keep_mirror(database, key, customer.id, has_credit=credit)
                return customer.id, ["customer_credit"] if credit else []
            self.forget(known.object_id)
        same_email = self.stripe.find_customers_by_email(self.proposal.recipient_email)
        if marked := self._marked(same_email):
            keep_mirror(database, key, marked.id)
            return marked.id, []
        return None, ["email_known"] if same_email else []

    def forget(self, customer_id: str) -> None:
        """The customer is gone at Stripe; the next one is made anew."""
        forget_mirror(self.runtime.database, self.proposal.tenant_id, customer_id)

    def _marked_id(self, given: Mapping[str, Any]) -> str | None:
        """The customer was made with the address of whichever contact was first."""
        same_email = self.stripe.find_customers_by_email(given["email"])
        marked = self._marked(same_email)
        return marked.id if marked else None

    def _marked(self, customers: list[Customer]) -> Customer | None:
        mark = self._mark().items()
        return next((found for found in customers if mark <= found.metadata.items()), None)

    def _mark(self) -> dict[str, str]:
        with self.runtime.database.reading(self.proposal.tenant_id) as session:
            return buyer_mark(session, buyer_of(self.proposal.document))

    def _key(self) -> MirrorKey:
        tenant_id = self.proposal.tenant_id
        with self.runtime.database.reading(tenant_id) as session:
            account_id = get_connection(session, "stripe").account_id
        return MirrorKey(tenant_id, account_id, "customer", buyer_of(self.proposal.document))

    def _given(self) -> dict[str, Any]:
        """What Stripe learns about the buyer: the arguments of `create_customer`."""
        document = self.proposal.document
        company = document["company"] or {}
        return {
            "name": company.get("name") or document["recipient"]["name"],
            "email": document["recipient"]["email"],
            "address": {
                "line1": company.get("street", ""),
                "line2": company.get("street2", ""),
                "postal_code": company.get("postal_code", ""),
                "city": company.get("city", ""),
                "country": company.get("country_code", ""),
            },
            "locale": self.proposal.language,
            "metadata": self._mark(),
        }
