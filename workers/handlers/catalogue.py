"""The products and tax rates in Stripe that a proposal's lines are billed with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from app.billing.mirrors import MirrorKey, forget_mirror, mirrored, product_key, rate_key
from app.billing.plan import billing_plan
from app.errors import ProviderError
from app.models import Operation, Proposal
from app.plan_lines import BillingPlan
from app.providers.stripe.billing import StripeBilling
from app.providers.stripe.failures import MISSING
from app.runtime import Runtime

Line = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One Stripe account's mirror of what the tenant sells."""

    runtime: Runtime
    stripe: StripeBilling
    tenant_id: int
    account_id: str

    def with_plan(self, proposal: Proposal, use: Callable[[BillingPlan], T]) -> T:
        """Use the proposal's billing plan; make again, once, what was deleted in Stripe."""
        try:
            return use(self.plan(proposal))
        except ProviderError as failure:
            if failure.code != MISSING or not self._forget(failure.detail):
                raise
        return use(self.plan(proposal))

    def plan(self, proposal: Proposal) -> BillingPlan:
        """Make the document's missing products and tax rates; return the lines to bill."""
        products: dict[str, str] = {}
        rates: dict[str, str] = {}
        for line in proposal.document["lines"]:
            products[line["product_key"]] = self._product(line)
            if line["tax_rate_id"]:
                rates[line["tax_rate_id"]] = self._tax_rate(line)
        return billing_plan(proposal.document, products, rates)

    def _product(self, line: Line) -> str:
        key = self._key("product", product_key(line))
        marks = {"propale_product": key.our_key[:500]}

        def make(operation: Operation) -> str:
            return self.stripe.create_product(
                operation.given["name"], marks, operation.operation_key
            )

        return self._mirrored(key, {"name": line["name"]}, make)

    def _tax_rate(self, line: Line) -> str:
        key = self._key("tax_rate", rate_key(line))
        marks = {"propale_tax_rate": key.our_key}

        def make(operation: Operation) -> str:
            label, percentage = operation.given["label"], operation.given["percentage"]
            return self.stripe.create_tax_rate(label, percentage, operation.operation_key, marks)

        given = {"label": line["tax_label"], "percentage": line["tax_percentage"]}
        return self._mirrored(key, given, make)

    def _mirrored(
        self, key: MirrorKey, given: Mapping[str, Any], make: Callable[[Operation], str]
    ) -> str:
        """Without a look: a product or rate that exists twice bills the same."""
        return mirrored(self.runtime.database, key, given, look=lambda _given: None, make=make)

    def _key(self, kind: str, our_key: str) -> MirrorKey:
        return MirrorKey(self.tenant_id, self.account_id, kind, our_key)

    def _forget(self, stripe_id: str) -> bool:
        return forget_mirror(self.runtime.database, self.tenant_id, stripe_id)
