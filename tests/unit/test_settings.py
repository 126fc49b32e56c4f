"""The environment: every problem at once, what production refuses, what is never shown."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from app.setting_problems import SettingsError
from app.settings import VENDOR_BASES, Settings, terminal_language
from app.web.headers import form_targets
from tests.support.environ import CLOSED

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    **CLOSED,
    **VENDOR_BASES,
    "APP_ENV": "production",
    "RATE_LIMITS": "on",
    "PUBLIC_URL": "https://propale.example",
    "HUBSPOT_CLIENT_SECRET": "f6e94c08-85d0-4608-bcc6-e1850176e7b8",
    "DATABASE_URL": "postgresql+psycopg://propale@db/propale",
}
SECRETS = {
    "SECRET_KEY": "a-secret-key-that-nobody-may-read",
    "ENCRYPTION_KEYS": "an-encryption-key-nobody-may-read",
    "HUBSPOT_CLIENT_SECRET": "a-client-secret-nobody-may-read",
    "SLACK_CLIENT_SECRET": "a-slack-secret-that-nobody-may-read",
    "STRIPE_PLATFORM_KEY": "sk_test_thatNobodyMayRead",
    "STRIPE_PLATFORM_WEBHOOK_SECRET": "whsec_that_nobody_may_read",
    "METRICS_TOKEN": "a-metrics-token-nobody-may-read",
    "DATABASE_URL": "postgresql+psycopg://propale:hidden-word@db/propale",
    "REDIS_URL": "redis://:hidden-word@redis/0",
    "SMTP_URL": "smtp://propale:hidden-word@mail:587",
}


def problems(env: dict[str, str]) -> list[str]:
    """What stops this environment, one sentence each; none when it starts."""
    try:
        Settings.from_env(env)
    except SettingsError as error:
        return str(error).splitlines()
    return []


def test_whole_environment_is_typed() -> None:
    settings = Settings.from_env({**CLOSED, "TRUSTED_PROXIES": "2", "DATA_DIR": ".data"})

    assert (settings.port, settings.trusted_proxies) == (8000, 2)
    assert settings.data_dir == Path(".data")
    assert settings.production is False
    assert settings.secure is False


def test_production_starts_with_real_values() -> None:
    settings = Settings.from_env(PRODUCTION)

    assert settings.production
    assert settings.secure


def test_slack_app_is_named_in_whole_or_not_at_all() -> None:
    none = {"SLACK_CLIENT_ID": "", "SLACK_CLIENT_SECRET": ""}

    assert problems({**PRODUCTION, **none}) == []
    assert problems({**PRODUCTION, "SLACK_CLIENT_ID": ""}) == ["SLACK_CLIENT_ID is missing."]


def test_stripe_platform_is_named_in_whole_or_not_at_all() -> None:
    half = {"STRIPE_PLATFORM_KEY": "sk_test_x", "STRIPE_PLATFORM_WEBHOOK_SECRET": ""}

    assert problems({**PRODUCTION, **half}) == ["STRIPE_PLATFORM_WEBHOOK_SECRET is missing."]
    assert problems({**PRODUCTION, **dict.fromkeys(half, "")}) == []


def test_missing_names_are_told_all_at_once() -> None:
    missing = problems({"APP_ENV": "sandbox"})

    assert "SECRET_KEY is missing; make one with ./propale keys new." in missing
    assert "DATABASE_URL is missing." in missing
    assert "PUBLIC_URL is missing." in missing
    assert len(missing) == len(set(missing)) == 8


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_blank_value_is_a_missing_one(name: str) -> None:
    found = problems({**PRODUCTION, name: "  "})

    # What has a default falls back on it; of a secret it says where to take it from.
    assert [told.partition(";")[0].rstrip(".") for told in found] in ([], [f"{name} is missing"])


def test_different_mistakes_are_told_together() -> None:
    wrong = {"APP_ENV": "test", "PORT": "web", "PUBLIC_URL": "propale.example", "SECRET_KEY": ""}

    assert problems({**CLOSED, **wrong}) == [
        "SECRET_KEY is missing; make one with ./propale keys new.",
        "APP_ENV must be sandbox or production.",
        "PORT must be a whole number.",
        "PUBLIC_URL must be an http or https address.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "²", "PORT must be a whole number."),
        ("PORT", "-1", "PORT must be a whole number."),
        ("TRUSTED_PROXIES", "one", "TRUSTED_PROXIES must be a whole number."),
        ("PUBLIC_URL", "http://[::1", "PUBLIC_URL must be an http or https address."),
        ("STRIPE_API_BASE", "ftp://x", "STRIPE_API_BASE must be an http or https address."),
        ("SLACK_API_BASE", "https://", "SLACK_API_BASE must be an http or https address."),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL."),
    ],
)
def test_unusable_value_is_one_sentence(name: str, value: str, sentence: str) -> None:
    assert problems({**CLOSED, name: value}) == [sentence]


def test_every_accepted_log_level_is_one_of_pythons() -> None:
    for level in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        assert Settings.from_env({**CLOSED, "LOG_LEVEL": level}).log_level == level
        assert level in logging.getLevelNamesMapping()


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("DATABASE_URL", "sqlite:///propale.db", "SQLite"),
        ("PUBLIC_URL", "http://propale.example", "https"),
        ("HUBSPOT_API_BASE", "http://api.hubapi.com", "https"),
        ("STRIPE_API_BASE", "http://stripe.example", "https"),
        ("SLACK_API_BASE", "http://slack.com/api/", "https"),
        ("STRIPE_APP_BASE", "http://dashboard.stripe.com", "https"),
        ("PUBLIC_URL", "https://localhost", "loopback"),
        ("HUBSPOT_API_BASE", "http://127.0.0.1:8001/hubspot", "loopback"),
        ("STRIPE_API_BASE", "http://127.0.0.2/stripe", "loopback"),
        ("STRIPE_API_BASE", "http://[::1]/stripe", "loopback"),
        ("SLACK_APP_BASE", "http://LOCALHOST:8001", "loopback"),
        ("HUBSPOT_APP_BASE", "http://0.0.0.0", "loopback"),
        ("SECRET_KEY", "one-two-three", "SECRET_KEY"),
        ("SECRET_KEY", "sandbox-secret-key-never-in-production", "SECRET_KEY"),
        ("ENCRYPTION_KEYS", "a-good-key-that-is-long-enough,short", "ENCRYPTION_KEYS"),
        ("ENCRYPTION_KEYS", "a-good-key-that-is-long-enough,", "ENCRYPTION_KEYS"),
        ("HUBSPOT_CLIENT_SECRET", "test", "HUBSPOT_CLIENT_SECRET"),
        ("RATE_LIMITS", "off", "measurements"),
    ],
)
def test_production_refuses_what_is_the_sandboxs(name: str, value: str, word: str) -> None:
    found = problems({**PRODUCTION, name: value})

    assert len(found) == 1
    assert name in found[0]
    assert word in found[0]
    assert value not in found[0]


def test_demo_values_never_start_production() -> None:
    lines = (ROOT / "sandbox" / "demo.env").read_text().splitlines()
    demo = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    found = "\n".join(problems({**demo, "APP_ENV": "production"}))

    assert problems(demo) == []
    for name in ("DATABASE_URL", "SECRET_KEY", "ENCRYPTION_KEYS", "HUBSPOT_CLIENT_SECRET"):
        assert name in found
    for name in ("PUBLIC_URL", *VENDOR_BASES):
        assert f"{name} is a loopback address" in found


def test_example_file_names_exactly_what_is_read() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line.lstrip("# ").split("=", 1)[0] for line in lines if "=" in line}

    assert {name for name in named if name.isupper()} == set(CLOSED)


def test_secrets_hide_themselves_in_repr() -> None:
    shown = repr(Settings.from_env({**CLOSED, **SECRETS}))

    for value in ("nobody-may-read", "hidden-word"):
        assert value not in shown
    assert "propale.test" in shown


def test_each_secret_is_known_by_itself() -> None:
    settings = Settings.from_env({**CLOSED, **SECRETS, "ENCRYPTION_KEYS": "a-new-key,an-old-key"})

    whole = ("SECRET", "TOKEN", "T_KEY", "M_KEY")
    others = {SECRETS[name] for name in SECRETS if name.endswith(whole)}
    assert set(settings.secrets) == {"a-new-key", "an-old-key", "hidden-word", *others}


def test_forms_may_lead_to_stripes_pages_and_nowhere_else() -> None:
    assert form_targets(Settings.from_env(PRODUCTION)) == (
        "'self' https://checkout.stripe.com https://invoice.stripe.com"
    )


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({}, ""),
        ({"LANG": "fr_FR.UTF-8"}, "fr_FR.UTF-8"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "C"}, "C"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "en_GB", "LC_MESSAGES": "C"}, "en_GB"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": ""}, "fr_FR.UTF-8"),
    ],
)
def test_terminal_says_its_language(environment: dict[str, str], locale: str) -> None:
    assert terminal_language(environment) == locale
