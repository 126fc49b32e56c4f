"""Logs say what happened and never a secret."""

from __future__ import annotations

import logging

import pytest

from app.logs import Redacting, redact

SECRETS = [
    "sk_live_51Hxyz0123456789",
    "rk_test_sandbox0001",
    "whsec_0123456789abcdef",
    "xoxb-1234-5678-abcdef",
    "pat-eu1-01234567-89ab-cdef",
    "Bearer CPjx0123_-.abc",
    "https://propale.example/p/Zk3t5A-x_0123456789abcdefghijklmnopqrstuvw",
    "https://propale.example/r/Zk3t5A-x_0123456789abcdefghijklmnopqrstuvw?done=1",
    "https://propale.example/sign-in/Zk3t5A-x_0123456789abcdefghijklmnopqrs",
    "postgresql+psycopg://propale:s3cret-word@db/propale",
    "smtp://user:s3cret-word@mail.example:587",
]
KEPT = [
    "P-2026-0001 for deal 5101",
    "https://propale.example/p/ and /r/short",
    "cus_123 sub_456 in_789 pi_012",
    "https://api.stripe.com:443/v1/invoices",
    "http://127.0.0.1:8000/r/x@y",
]


@pytest.mark.parametrize("text", SECRETS)
def test_secret_is_replaced(text: str) -> None:
    said = redact(f"before {text} after")

    assert "***" in said
    assert said.startswith("before ")
    assert said.endswith(" after")
    for word in ("0123456789", "sandbox0001", "1234-5678", "CPjx", "01234567", "s3cret-word"):
        assert word not in said


@pytest.mark.parametrize("text", KEPT)
def test_what_helps_is_kept(text: str) -> None:
    assert redact(text) == text


def test_trace_of_an_error_is_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting("%(message)s"))
    log = logging.getLogger("tests.redacting")
    log.addHandler(handler)

    try:
        int("sk_test_0123456789")
    except ValueError:
        log.exception("failed with %s", "rk_live_1")

    said = capsys.readouterr().err
    assert "failed with ***" in said
    assert "invalid literal for int() with base 10: '***'" in said
    assert "Traceback" in said
