"""Every environment variable, typed and validated at once, secrets redacted."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.setting_problems import Problem, SettingsError

VENDOR_BASES = {
    "HUBSPOT_API_BASE": "https://api.hubapi.com",
    "HUBSPOT_APP_BASE": "https://app.hubspot.com",
    "STRIPE_API_BASE": "https://api.stripe.com",
    "STRIPE_APP_BASE": "https://dashboard.stripe.com",
    "SLACK_API_BASE": "https://slack.com/api/",
    "SLACK_APP_BASE": "https://slack.com",
}
MADE_BY_KEYS_NEW = ("SECRET_KEY", "ENCRYPTION_KEYS", "METRICS_TOKEN")
SECRETS = (*MADE_BY_KEYS_NEW, "HUBSPOT_CLIENT_SECRET", "SLACK_CLIENT_SECRET")
SHORTEST_SECRET = 24
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Secret(str):
    """A text that hides itself in logs and traces."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration of a process; `.env.example` says what each name means."""

    app_env: str
    public_url: str
    port: int
    data_dir: Path
    log_level: str
    trusted_proxies: int
    rate_limits: bool
    secret_key: Secret
    encryption_keys: Secret
    database_url: Secret
    redis_url: Secret
    hubspot_client_id: str
    hubspot_client_secret: Secret
    hubspot_app_id: str
    hubspot_api_base: str
    hubspot_app_base: str
    stripe_api_base: str
    stripe_app_base: str
    stripe_platform_key: Secret
    stripe_platform_webhook_secret: Secret
    slack_client_id: str
    slack_client_secret: Secret
    slack_api_base: str
    slack_app_base: str
    smtp_url: Secret
    mail_from: str
    metrics_token: Secret
    sentry_dsn: Secret

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @property
    def hubspot_secrets(self) -> tuple[Secret, ...]:
        """Those that a card call may be signed with; the first, the newest, is for OAuth."""
        texts = (text.strip() for text in self.hubspot_client_secret.split(","))
        return tuple(Secret(text) for text in texts if text)

    @property
    def platform_webhook_secrets(self) -> tuple[str, ...]:
        """Those that events of connected accounts may be signed with, the newest first."""
        texts = (text.strip() for text in self.stripe_platform_webhook_secret.split(","))
        return tuple(filter(None, texts))

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by HTTPS."""
        return self.public_url.startswith("https://")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Each secret text in it by itself: keys, and the passwords inside addresses."""
        keys = [key for name in HIDDEN for key in getattr(self, name).split(",")]
        passwords = [_password(getattr(self, name)) for name in HIDDEN_URLS]
        return tuple(filter(None, (*keys, *passwords)))

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read and check the environment; raises `SettingsError` naming every problem."""
        values = {f.name: _text(env, f.name.upper()) for f in fields(cls)}
        problems = _missing(values) + _wrong(values)
        if values["app_env"] == "production":
            problems += _not_for_production(values)
        if problems:
            raise SettingsError(*problems)
        typed: dict[str, Any] = {name: _typed(name, value) for name, value in values.items()}
        return cls(**typed)


DEFAULTS = {
    **VENDOR_BASES,
    "APP_ENV": "production",
    "PORT": "8000",
    "DATA_DIR": ".data",
    "LOG_LEVEL": "INFO",
    "TRUSTED_PROXIES": "0",
    "RATE_LIMITS": "on",
}
# Without these the product starts: it says before each proposal that it cannot mail, and takes a
# pasted bot token of Slack only; nobody can read its metrics.
SLACK_APP = ("slack_client_id", "slack_client_secret")  # both or none
STRIPE_PLATFORM = ("stripe_platform_key", "stripe_platform_webhook_secret")  # both or none
LATER = ("smtp_url", "mail_from", *SLACK_APP, *STRIPE_PLATFORM, "metrics_token", "sentry_dsn")
NUMBERS = ("port", "trusted_proxies")
HIDDEN = (
    *("secret_key", "encryption_keys", "hubspot_client_secret", "slack_client_secret"),
    *STRIPE_PLATFORM,
    "metrics_token",
)
HIDDEN_URLS = ("database_url", "redis_url", "smtp_url", "sentry_dsn")


def _text(env: Mapping[str, str], name: str) -> str:
    return env.get(name, "").strip() or DEFAULTS.get(name, "")


def _typed(name: str, value: str) -> object:
    if name in NUMBERS:
        return int(value)
    if name == "rate_limits":
        return value == "on"
    if name == "data_dir":
        return Path(value)
    if name in HIDDEN or name in HIDDEN_URLS:
        return Secret(value)
    return value.rstrip("/") if name in ("public_url", "hubspot_api_base") else value


def _missing(values: Mapping[str, str]) -> list[Problem]:
    begun = [pair for pair in (SLACK_APP, STRIPE_PLATFORM) if any(map(values.get, pair))]
    later = [name for name in LATER if not any(name in pair for pair in begun)]
    needed = (name for name, value in values.items() if not value and name not in later)
    return [Problem("missing", name.upper()) for name in needed]


def _wrong(values: Mapping[str, str]) -> list[Problem]:
    problems: list[Problem] = []
    if values["app_env"] not in ("sandbox", "production"):
        problems.append(Problem("app_env", "APP_ENV"))
    if values["log_level"] not in LOG_LEVELS:
        levels = {"levels": ", ".join(LOG_LEVELS[:-1]), "last": LOG_LEVELS[-1]}
        problems.append(Problem("log_level", "LOG_LEVEL", levels))
    if values["rate_limits"] not in ("on", "off"):
        problems.append(Problem("on_off", "RATE_LIMITS"))
    problems += [Problem("number", n.upper()) for n in NUMBERS if not _is_number(values[n])]
    addresses = ("public_url", *(base.lower() for base in VENDOR_BASES), "sentry_dsn")
    wrong = (name for name in addresses if values[name] and not _is_address(values[name]))
    return problems + [Problem("address", name.upper()) for name in wrong]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://")) and bool(_host(text))


def _host(address: str) -> str:
    """The host's name, empty where there is none to find."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _password(address: str) -> str:
    """As it stands in an address; "" without one."""
    try:
        return urlsplit(address).password or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified


def _not_for_production(values: Mapping[str, str]) -> list[Problem]:
    problems: list[Problem] = []
    if values["database_url"].startswith("sqlite"):
        problems.append(Problem("sqlite", "DATABASE_URL"))
    if values["rate_limits"] == "off":
        problems.append(Problem("uncounted", "RATE_LIMITS"))
    addresses = ("public_url", *(base.lower() for base in VENDOR_BASES))
    problems += [Problem(key, name.upper()) for name in addresses if (key := _unsafe(values[name]))]
    return problems + [
        Problem("weak", name, {"shortest": SHORTEST_SECRET})
        for name in SECRETS
        if _is_weak(values[name.lower()])
    ]


def _unsafe(address: str) -> str:
    """What is wrong with an address that secrets travel to; "" for nothing."""
    if _is_loopback(_host(address)):
        return "loopback"
    return "plain" if address.startswith("http://") else ""


def _is_weak(secret: str) -> bool:
    known = bool(secret) and "sandbox" in secret
    return known or (bool(secret) and min(map(len, secret.split(","))) < SHORTEST_SECRET)


def terminal_language(environment: Mapping[str, str] = os.environ) -> str:
    """The locale that a terminal names (`fr_FR.UTF-8`), "" for none; the first named counts.

    https://www.gnu.org/software/gettext/manual/html_node/Locale-Environment-Variables.html
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next(filter(None, (environment.get(name) for name in names)), "")
