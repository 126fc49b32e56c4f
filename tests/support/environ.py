"""The environment of the product under test: every vendor at a closed port until one is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Server

# Nobody listens on the discard port: a call that no test planned fails at once.
NOWHERE = "http://127.0.0.1:9"
CLOSED = {
    "APP_ENV": "sandbox",
    "PUBLIC_URL": "http://propale.test",
    "PORT": "8000",
    "DATA_DIR": "/nonexistent",
    "LOG_LEVEL": "WARNING",
    "TRUSTED_PROXIES": "0",
    "RATE_LIMITS": "off",  # whole crowds call from one address here
    "SECRET_KEY": "a-key-for-tests-that-is-long-enough",
    "ENCRYPTION_KEYS": "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0=",
    "DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/nowhere",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "HUBSPOT_CLIENT_ID": "test-client-id",
    "HUBSPOT_CLIENT_SECRET": "test-client-secret",
    "HUBSPOT_APP_ID": "4242",
    "HUBSPOT_API_BASE": f"{NOWHERE}/hubspot",
    "HUBSPOT_APP_BASE": f"{NOWHERE}/hubspot-app",
    "STRIPE_API_BASE": f"{NOWHERE}/stripe",
    "STRIPE_APP_BASE": f"{NOWHERE}/stripe/dashboard",
    "STRIPE_PLATFORM_KEY": "sk_test_platform0001",
    "STRIPE_PLATFORM_WEBHOOK_SECRET": "whsec_platform_new,whsec_platform_old",
    "SLACK_CLIENT_ID": "1111.2222",
    "SLACK_CLIENT_SECRET": "test-slack-secret-long-enough",
    "SLACK_API_BASE": f"{NOWHERE}/slack/api/",
    "SLACK_APP_BASE": f"{NOWHERE}/slack",
    "SMTP_URL": "smtp://127.0.0.1:9",
    "MAIL_FROM": "propositions@propale.test",
    "METRICS_TOKEN": "a-token-for-tests-that-is-long-enough",
    "SENTRY_DSN": "",
}


def sandbox_names(origin: str, smtp_url: str) -> dict[str, str]:
    """Return the variables that lead to a sandbox."""
    return {
        "HUBSPOT_API_BASE": f"{origin}/hubspot",
        "HUBSPOT_APP_BASE": f"{origin}/hubspot-app",
        "STRIPE_API_BASE": f"{origin}/stripe",
        "SLACK_API_BASE": f"{origin}/slack/api/",
        "SLACK_APP_BASE": f"{origin}/slack",
        "SMTP_URL": smtp_url,
    }


@pytest.fixture
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The product's variables; those of a fixture that the test asks for lead to it."""
    values = {**CLOSED, "DATA_DIR": str(tmp_path)}
    if "database_url" in request.fixturenames:
        values["DATABASE_URL"] = request.getfixturevalue("database_url")
    if "redis_url" in request.fixturenames:
        values["REDIS_URL"] = request.getfixturevalue("redis_url")
    if "sandbox" in request.fixturenames:
        server: Server = request.getfixturevalue("sandbox")
        values |= sandbox_names(server.url, server.world.settings.smtp_url)
    return values


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    """The product's settings, read from `environ`."""
    return Settings.from_env(environ)
