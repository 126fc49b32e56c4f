"""What a customer has to her credit or debit, in each currency she is billed in.

https://docs.stripe.com/invoicing/multi-currency-customers: `balance` is in the customer's own
currency; an invoice in another one takes only what stands in that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.customers import change

if TYPE_CHECKING:
    from sandbox.stripe.books import Books, Record


def balance_in(books: Books, customer: Record, currency: str) -> int:
    """What an invoice in this currency starts with; `customer` may be a preview's details."""
    if customer.get("currency") in {None, currency}:
        return int(customer.get("balance") or 0)
    return int(_others(books, customer).get(currency, 0))


def set_balance(books: Books, customer: Record, currency: str, amount: int) -> None:
    """Store what is left after an invoice."""
    if customer["currency"] in {None, currency}:
        change(books, customer, {**customer, "balance": amount})
    else:
        books.table("balances")[customer["id"]] = {**_others(books, customer), currency: amount}


def bind_to(books: Books, customer: Record, currency: str) -> None:
    """Make it the customer's own currency: that of her subscription, else of her first bill."""
    if customer["currency"] == currency:
        return
    own = balance_in(books, customer, currency)
    if customer["currency"] is not None:
        others = {**_others(books, customer), customer["currency"]: customer["balance"]}
        books.table("balances")[customer["id"]] = others
    change(books, customer, {**customer, "currency": currency, "balance": own})


def _others(books: Books, customer: Record) -> Record:
    found: Record = books.table("balances").get(customer.get("id") or "", {})
    return found
