"""Whatever opens a door is replaced, and what helps to understand is kept."""

from __future__ import annotations

import pytest

from app.redaction import long_enough, redact

SECRETS = [
    "sk_live_51Hxyz0123456789",
    "rk_test_sandbox0001",
    "whsec_0123456789abcdef",
    "xoxb-1234-5678-abcdef",
    "xoxe.xoxb-1-1234-5678-abcdef",
    "xapp-1-1234-5678-abcdef",
    "pat-eu1-01234567-89ab-cdef",
    "Bearer CPjx0123_-.abc",
    "Basic dXNlcjpzM2NyZXQtd29yZA==",
    "pi_1_secret_0123456789abcdef",
    "https://propale.example/p/Zk3t5A-x_0123456789abcdefghijklmnopqrstuvw",
    "https://propale.example/r/Zk3t5A-x_0123456789abcdefghijklmnopqrstuvw?done=1",
    "https://propale.example/sign-in/Zk3t5A-x_0123456789abcdefghijklmnopqrs",
    "https://checkout.stripe.com/c/pay/cs_test_0123456789abcdef0123#fid0123456789",
    "https://invoice.stripe.com/i/acct_1/live_0123456789?s=ap",
    "postgresql+psycopg://propale:s3cret-word@db/propale",
    "smtp://user:s3cret-word@mail.example:587",
    '{"access_token": "CPjx0123_-.abc0123456789"}',
    r"{\"refresh_token\":\"eu1-0123456789-abcdef\"}",
    "client_secret=0123456789-abcdef&grant_type=refresh_token",
    "{'password': 's3cret-word'}",
    '{"refreshToken": "CPjx0123_-.abc0123456789"}',
    "clientSecret=0123456789-abcdef",
    "Client-Token: 0123456789-abcdef",
    "success_url=https%3A%2F%2Fpropale.example%2Fr%2FZk3t5A-x_0123456789abcdefghijklmnop%3Fdone",
    "return_url=https%3a%2f%2fpropale.example%2fp%2fZk3t5A-x_0123456789abcdefghijklmnop",
]
KEPT = [
    "P-2026-0001 for deal 5101",
    "https://propale.example/p/ and /r/short",
    "cus_123 sub_456 in_789 pi_012 cs_test_345",
    "https://api.stripe.com:443/v1/invoices",
    "http://127.0.0.1:8000/r/x@y",
    "Slack refused: token_revoked.",
    "The token is missing: reconnect",
    "/webhooks/stripe/<public_id>",
]


@pytest.mark.parametrize("text", SECRETS)
def test_secret_is_replaced(text: str) -> None:
    said = redact(f"before {text} after")

    assert "***" in said
    assert said.startswith("before ")
    assert said.endswith(" after")
    for word in ("0123456789", "sandbox0001", "1234-5678", "CPjx", "s3cret-word", "dXN"):
        assert word not in said


@pytest.mark.parametrize("text", KEPT)
def test_what_helps_is_kept(text: str) -> None:
    assert redact(text) == text


def test_secrets_of_ours_need_no_shape() -> None:
    ours = long_enough(["an-ordinary-looking-key", "short", ""])

    assert redact("with an-ordinary-looking-key and short words", ours) == (
        "with *** and short words"
    )
