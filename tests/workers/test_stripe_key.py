"""A restricted key with the permissions that the README lists does everything, nightly too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from app.accounts.clients import stripe_client
from sandbox.stripe import keys

if TYPE_CHECKING:
    from tests.support.house import House

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
LISTED = set(re.findall(r"`(\w+_(?:read|write))`", README))


def restrict(house: House, permissions: set[str]) -> None:
    account = house.account
    keys.grant(house.sandbox.world, account.stripe_key, account.stripe, sorted(permissions))


def play(house: House) -> None:
    """Connect, sell all kinds, have a card refused and one tried again, and pass a night."""
    stripe = stripe_client(house.runtime, house.tenant_id)
    stripe.retrieve_account()
    endpoint, _ = stripe.create_webhook_endpoint("http://a.test/", ["invoice.paid"], "key")
    stripe.delete_webhook_endpoint(endpoint)
    house.pass_time(minutes=1)
    house.buy("5101", "card_declined")
    house.buy("5102")
    house.pass_time(days=1)


def test_permissions_of_the_readme_suffice(house: House) -> None:
    restrict(house, LISTED)

    play(house)

    assert house.open_errors() == []
    assert {message.status for message in house.messages("stripe.reconcile")} == {"done"}
    assert house.mails("bonjour@maison.example") == []
