"""Stripe's webhook signature, checked with the standard library alone."""

import hmac
from collections.abc import Iterable

TOLERANCE_SECONDS = 300


def verify(header: str | None, body: bytes, secrets: Iterable[str], now: float) -> bool:
    """Say whether one of `secrets` signed `body` within five minutes of `now` (Unix seconds).

    `header` is `Stripe-Signature` as it came, `body` the raw bytes. Every `v1` value counts, so
    that a secret can be rolled. https://docs.stripe.com/webhooks#verify-manually
    """
    stamp, signatures = _parts(header or "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > TOLERANCE_SECONDS:
        return False
    signed = stamp.encode() + b"." + body
    expected = [_sign(secret, signed) for secret in secrets if secret]
    return any(
        hmac.compare_digest(mine, theirs.encode()) for mine in expected for theirs in signatures
    )


def _parts(header: str) -> tuple[str, list[str]]:
    pairs = [item.strip().partition("=") for item in header.split(",")]
    stamp = next((value for name, _, value in pairs if name == "t"), "")
    return stamp[:20], [value for name, _, value in pairs if name == "v1"]


def _sign(secret: str, signed: bytes) -> bytes:
    # In one step: `hmac.new` hands over to another thread before it reads a long body.
    return hmac.digest(secret.encode(), signed, "sha256").hex().encode()
