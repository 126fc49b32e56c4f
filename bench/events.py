"""Signed Stripe events of about 8 kB: `invoice.paid` of a subscription with several lines."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "whsec_" + "b" * 32
WANTED_BYTES = 8 * 1024
_ID = "evt_00000000000000000000"
_NUMBERS: Iterator[int] = count(1)


def signed_events(number: int) -> list[tuple[bytes, str]]:
    """Make that many bodies with ids never used before, each with its `Stripe-Signature`."""
    return [_signed(next(_NUMBERS)) for _ in range(number)]


def _signed(number: int) -> tuple[bytes, str]:
    body = _TEMPLATE.replace(_ID.encode(), f"evt_{number:020d}".encode())
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return body, f"t={stamp},v1={digest.hexdigest()}"


def _event() -> dict[str, Any]:
    """An event in the shape of https://docs.stripe.com/api/events/object."""
    lines: list[dict[str, Any]] = []
    while len(json.dumps(_around(lines), indent=2)) < WANTED_BYTES:
        lines.append(_invoice_line(len(lines)))
    return _around(lines)


def _around(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": _ID,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1_795_300_000,
        "data": {"object": _invoice(lines)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "invoice.paid",
    }


def _invoice(lines: list[dict[str, Any]]) -> dict[str, Any]:
    total = sum(line["amount"] for line in lines)
    subscription = {"metadata": {"propale_purchase": "1"}, "subscription": "sub_1Bench"}
    return {
        "id": "in_1BenchBenchBenchBench",
        "object": "invoice",
        "account_country": "FR",
        "account_name": "Maison du Sandbox",
        "amount_due": total,
        "amount_paid": total,
        "amount_remaining": 0,
        "attempt_count": 1,
        "attempted": True,
        "auto_advance": False,
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "created": 1_795_299_900,
        "currency": "eur",
        "customer": "cus_Bench",
        "customer_address": {"city": "Paris", "country": "FR", "line1": "10 rue de la Paix"},
        "customer_email": "jeanne@exemple.example",
        "customer_name": "Jeanne Martin",
        "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1Bench/test_" + "x" * 80,
        "invoice_pdf": f"https://pay.stripe.com/invoice/acct_1Bench/test_{'x' * 80}/pdf",
        "lines": {"object": "list", "data": lines, "has_more": False, "total_count": len(lines)},
        "livemode": False,
        "metadata": {},
        "number": "BENCH-0001",
        "parent": {"type": "subscription_details", "subscription_details": subscription},
        "period_end": 1_795_299_900,
        "period_start": 1_792_621_500,
        "status": "paid",
        "subtotal": total,
        "total": total,
    }


def _invoice_line(number: int) -> dict[str, Any]:
    item = {"invoice_item": None, "proration": False, "subscription_item": f"si_Bench{number}"}
    price = {"price": f"price_1Bench{number}", "product": f"prod_Bench{number}"}
    return {
        "id": f"il_1BenchBench{number:04d}",
        "object": "line_item",
        "amount": 45_000,
        "currency": "eur",
        "description": "1 × Poste de travail en espace partagé (mensuel)",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "livemode": False,
        "metadata": {"hubspot_line_item_id": f"9000{number}"},
        "parent": {"type": "subscription_item_details", "subscription_item_details": item},
        "period": {"end": 1_797_891_900, "start": 1_795_299_900},
        "pricing": {
            "type": "price_details",
            "price_details": price,
            "unit_amount_decimal": "45000",
        },
        "quantity": 1,
        "taxes": [{"amount": 9_000, "tax_behavior": "exclusive", "taxable_amount": 45_000}],
    }


# Stripe sends its events indented.
_TEMPLATE = json.dumps(_event(), indent=2, ensure_ascii=False).encode()
