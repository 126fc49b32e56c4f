"""The `Stripe-Signature` header (https://docs.stripe.com/webhooks): wall time, `t=...,v1=...`."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.store import Record


def sign(body: bytes, secret: str, at: int) -> str:
    """The plain header: HMAC-SHA256 over `t.body` with the endpoint's secret."""
    return f"t={at},v1={_proof(body, secret, at)}"


def signature(body: bytes, secret: Record, at: int) -> str:
    """Signed as test events are: with the old secret too for a day, and with a scheme to ignore.

    https://docs.stripe.com/webhooks#verify-manually
    """
    header = sign(body, secret["secret"], at)
    if at < secret.get("old_until", 0):
        header += f",v1={_proof(body, secret['old'], at)}"
    return f"{header},v0={_proof(body, 'v0', at)}"


def _proof(body: bytes, secret: str, at: int) -> str:
    signed = f"{at}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
