"""Customers, and the catalogue our lines point at: products and tax rates."""

from collections.abc import Callable, Mapping
from typing import Any

from app.providers.stripe.answers import Customer
from app.providers.stripe.bodies import without_blanks
from app.providers.stripe.connection import Connection
from app.providers.stripe.failures import none_if_gone

_LONGEST_TEXT = 5000  # of any string that has no limit of its own


class CustomerCalls(Connection):
    def find_customers_by_email(self, email: str) -> list[Customer]:
        """List the customers with exactly that e-mail (case counts), newest first.

        https://docs.stripe.com/api/customers/list
        """
        params = {"email": email, "limit": 100}
        listed = self._read(self._v1.customers.list, params=params)
        return [_customer(found) for found in listed["data"]]

    def create_customer(
        self,
        *,
        name: str,
        email: str,
        address: Mapping[str, str],
        locale: str,
        metadata: Mapping[str, str],
        operation_key: str,
    ) -> str:
        """Make a customer and return its id; `address` has Stripe's own field names.

        https://docs.stripe.com/api/customers/create
        """
        params: dict[str, Any] = {
            "name": name[:256],
            "email": email,
            "preferred_locales": [locale],
            "metadata": dict(metadata),
        }
        if kept := without_blanks(address):
            params["address"] = {name: text[:_LONGEST_TEXT] for name, text in kept.items()}
        return self._made(self._v1.customers.create, params, operation_key)

    def create_product(self, name: str, metadata: Mapping[str, str], operation_key: str) -> str:
        """Make a product and return its id.

        https://docs.stripe.com/api/products/create
        """
        params = {"name": name[:250], "metadata": dict(metadata)}
        return self._made(self._v1.products.create, params, operation_key)

    def create_tax_rate(
        self, label: str, percentage: str, operation_key: str, metadata: Mapping[str, str]
    ) -> str:
        """Make an exclusive tax rate and return its id; `percentage` is decimal text.

        https://docs.stripe.com/api/tax_rates/create
        """
        params = {
            "display_name": label[:50],
            "percentage": percentage,
            "inclusive": False,
            "metadata": dict(metadata),
        }
        return self._made(self._v1.tax_rates.create, params, operation_key)

    def find_customer(self, customer_id: str) -> Customer | None:
        """Read a customer, `deleted` where it was deleted; None if the account does not know it.

        https://docs.stripe.com/api/customers/retrieve
        """
        found = none_if_gone(lambda: self._read(self._v1.customers.retrieve, customer_id))
        return _customer(found) if found else None

    def _made(
        self, operation: Callable[..., Any], params: Mapping[str, Any], operation_key: str
    ) -> str:
        return str(self._write(operation, params=params, operation_key=operation_key)["id"])


def _customer(found: Mapping[str, Any]) -> Customer:
    return Customer(
        id=found["id"],
        balance_minor=found.get("balance") or 0,
        has_discount=bool(found.get("discount")),
        deleted=bool(found.get("deleted")),
        metadata=found.get("metadata") or {},
    )
