"""Stripe's signature header, against the SDK's own signer and against liars."""

import subprocess
import sys

import pytest
import stripe

from app.providers.stripe.signature import verify

SECRET = "whsec_first"
BODY = '{"id":"evt_1","naïve":"été"}'.encode()
NOW = 1_800_000_000


def header(secret: str = SECRET, at: int = NOW) -> str:
    signed = stripe.WebhookSignature._compute_signature(f"{at}.{BODY.decode()}", secret)
    return f"t={at},v1={signed}"


def test_own_signature_is_accepted() -> None:
    assert verify(header(), BODY, [SECRET], NOW)


def test_any_active_secret_is_accepted() -> None:
    assert verify(header(), BODY, ["whsec_other", SECRET], NOW)


def test_any_v1_value_is_accepted() -> None:
    rolled = f"{header('whsec_old')},{header().partition(',')[2]},v0=beef"

    assert verify(rolled, BODY, [SECRET], NOW)


@pytest.mark.parametrize(
    ("late", "accepted"), [(300, True), (301, False), (-300, True), (-301, False)]
)
def test_five_minutes_either_way_are_accepted(late: int, accepted: bool) -> None:
    assert verify(header(), BODY, [SECRET], NOW + late) is accepted


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "nonsense",
        "t=,v1=00",
        f"t={NOW}",
        f"t={NOW},v1=é",
        f"t=²,v1={'0' * 64}",
        f"t={'9' * 5000},v1={'0' * 64}",
        f"t=-{NOW},v1={'0' * 64}",
        header().replace("v1=", "v0="),
        header("whsec_wrong"),
    ],
)
def test_bad_header_is_refused(bad: str | None) -> None:
    assert not verify(bad, BODY, [SECRET], NOW)


def test_changed_body_is_refused() -> None:
    assert not verify(header(), BODY + b" ", [SECRET], NOW)


def test_no_secret_or_an_empty_one_is_refused() -> None:
    assert not verify(header(), BODY, [], NOW)
    assert not verify(header(""), BODY, [""], NOW)


@pytest.mark.parametrize(
    "module", ["app.providers.stripe.signature", "app.providers.hubspot.authorize"]
)
def test_import_loads_no_sdk(module: str) -> None:
    code = f"import sys, {module}; print({{'stripe', 'hubspot', 'requests'}} & set(sys.modules))"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "set()"
