"""The permissions we ask for: exactly those of the calls that a whole played flow makes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from app.accounts.clients import stripe_client
from app.accounts.connect_stripe import connect_stripe
from app.audit import US
from app.errors import ProviderError
from app.providers.stripe.permissions import NOBODY, PERMISSIONS
from sandbox.stripe import calls, keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.providers.stripe.billing import StripeBilling
    from tests.support.house import House

LISTED = {permission.name for permission in PERMISSIONS}
PROBES = {p.probe for p in PERMISSIONS if NOBODY in p.probe[1]}
NO_ID = "none_1"


def restrict(house: House, permissions: set[str]) -> None:
    account = house.account
    keys.grant(house.sandbox.world, account.stripe_key, account.stripe, sorted(permissions))


def play(house: House) -> None:
    """Connect, sell all kinds, have a card refused and one tried again, and pass a night."""
    connect_stripe(house.runtime, house.tenant_id, house.account.stripe_key, "fr", who=US)
    house.pass_time(minutes=1)
    house.buy("5101", "card_declined")
    house.buy("5102")
    house.pass_time(days=1)


def call_seldom(stripe: StripeBilling) -> None:
    """The calls that only mishaps lead to."""
    for call in (
        lambda: stripe.delete_webhook_endpoint(NO_ID),
        lambda: stripe.create_webhook_endpoint("http://a.test/", ["invoice.paid"], "key"),
        lambda: stripe.enable_webhook_endpoint(NO_ID, ["invoice.paid"]),
        lambda: stripe.expire_session(NO_ID),
        lambda: stripe.find_open_session("cus_x", {}),
        lambda: stripe.find_method_kind(NO_ID),
        lambda: stripe.void_invoice(NO_ID, "void"),
        lambda: stripe.delete_draft(NO_ID),
        lambda: stripe.invoice_lines(NO_ID),
        lambda: stripe.find_customer(NO_ID),
        lambda: stripe.find_subscription(NO_ID),
        lambda: stripe.set_subscription_method(NO_ID, "pm_x", "method"),
        lambda: stripe.cancel_subscription(NO_ID, "cancel"),
    ):
        with suppress(ProviderError):
            call()


def needs(house: House) -> Iterator[tuple[str, str]]:
    """By the sandbox's log: each call that was made, with each permission it needs."""
    for entry in house.sandbox.world.journal.entries("stripe"):
        path = entry["path"].removeprefix("/stripe")
        if not path.startswith("/v1/") or (entry["method"].lower(), path) in PROBES:
            continue
        call, _ = calls.find(entry["method"], path)
        sent = parse_qsl(f"{entry['query']}&{entry['body']}")
        expanded = [value for name, value in sent if name.startswith("expand")]
        yield from ((call.operation, one) for one in keys.needed(call, expanded))


def held(permission: str) -> str:
    """The listed permission that grants it: write takes read in."""
    writing = permission.removesuffix("_read") + "_write"
    return writing if writing in LISTED else permission


def test_permissions_are_those_that_our_calls_need(house: House) -> None:
    play(house)
    call_seldom(stripe_client(house.runtime, house.tenant_id))

    needed: dict[str, set[str]] = {}
    for operation, permission in needs(house):
        needed.setdefault(held(permission), set()).add(operation)

    assert needed == {permission.name: set(permission.calls) for permission in PERMISSIONS}


def test_listed_permissions_suffice(house: House) -> None:
    restrict(house, LISTED)

    play(house)

    assert house.open_errors() == []
    assert {message.status for message in house.messages("stripe.reconcile")} == {"done"}
    assert house.mails("bonjour@maison.example") == []


def test_each_missing_permission_is_found_and_no_other(house: House) -> None:
    stripe = stripe_client(house.runtime, house.tenant_id)

    for missing in sorted(LISTED):
        restrict(house, LISTED - {missing})

        assert stripe.lacking_permissions() == {missing: missing}


def test_looking_for_permissions_changes_nothing(house: House) -> None:
    stripe = stripe_client(house.runtime, house.tenant_id)
    before = house.stripe("event")

    assert stripe.lacking_permissions() == {}
    assert house.stripe("event") == before
    assert len(house.calls("stripe")) == len(PERMISSIONS)
