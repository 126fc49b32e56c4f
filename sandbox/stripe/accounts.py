"""The account itself and the payment methods it has switched on.

https://docs.stripe.com/api/accounts/object and
https://docs.stripe.com/api/payment_method_configurations
"""

from __future__ import annotations

from sandbox.stripe.books import Books, Params, Record, blank
from sandbox.stripe.calls import call, list_call

NAMES = {"acct_sandbox0001": "Maison du Sandbox", "acct_sandbox0002": "Autre Maison"}
FIRST = "acct_sandbox0001"
COUNTRY = "FR"
_OPENED = 1_735_689_600  # 1 January 2025


@call("GET /v1/account", "account")
def retrieve(books: Books, params: Params) -> Record:  # noqa: ARG001
    name = NAMES.get(books.account, "Propale")
    return {
        **blank("account"),
        "id": books.account,
        "business_profile": {"name": name, "support_email": None, "url": None},
        "business_type": "company",
        "capabilities": {"card_payments": "active", "sepa_debit_payments": "active"},
        "charges_enabled": True,
        "country": COUNTRY,
        "created": _OPENED,
        "default_currency": "eur",
        "details_submitted": True,
        "email": f"billing@{name.lower().replace(' ', '-')}.example",
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": name, "timezone": "Europe/Paris"}},
        "type": "standard",
    }


@list_call("GET /v1/payment_method_configurations", "payment_method_configuration")
def configurations(books: Books, params: Params) -> list[Record]:  # noqa: ARG001
    return [configuration(books)]


def configuration(books: Books) -> Record:
    """The account's only configuration; made with card and SEPA debit on when first asked for."""
    kept = books.where("payment_method_configuration", is_default=True)
    return kept[0] if kept else switch(books, {"card", "sepa_debit"})


def switch(books: Books, methods: set[str]) -> Record:
    """Turn exactly these methods on."""
    return books.save(
        {
            **blank("payment_method_configuration"),
            "id": f"pmc_{books.account.removeprefix('acct_')}",
            "active": True,
            "is_default": True,
            "name": "Default",
            "card": _switched(on="card" in methods),
            "sepa_debit": _switched(on="sepa_debit" in methods),
        }
    )


def methods_on(books: Books) -> list[str]:
    """The kinds a customer can be offered, card first."""
    known = configuration(books)
    return [kind for kind in ("card", "sepa_debit") if known[kind]["available"]]


def _switched(*, on: bool) -> Record:
    word = "on" if on else "off"
    preference = {"overridable": None, "preference": word, "value": word}
    return {"available": on, "display_preference": preference}
