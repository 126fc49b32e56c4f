"""Where the sandbox listens and what it knows of the product, read from the environment."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = (
    "PUBLIC_URL",
    "DATA_DIR",
    "DATABASE_URL",
    "HUBSPOT_CLIENT_ID",
    "HUBSPOT_CLIENT_SECRET",
    "HUBSPOT_APP_ID",
    "HUBSPOT_API_BASE",
    "HUBSPOT_APP_BASE",
    "STRIPE_API_BASE",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_API_BASE",
    "SLACK_APP_BASE",
    "SMTP_URL",
)
_CA_BUNDLE = "REQUESTS_CA_BUNDLE"  # as `requests` itself calls it


@dataclass(frozen=True)
class Settings:
    """The variables both sides read; an empty `database_url` means there is no product database.

    `ca_bundle`: the authority of a product whose certificate the world does not know.
    `stripe_files_base`: where invoices lie as files; as with Stripe that may be another host.
    """

    public_url: str
    data_dir: Path
    database_url: str
    hubspot_client_id: str
    hubspot_client_secret: str
    hubspot_app_id: str
    hubspot_api_base: str
    hubspot_app_base: str
    stripe_api_base: str
    slack_client_id: str
    slack_client_secret: str
    slack_api_base: str
    slack_app_base: str
    smtp_url: str
    ca_bundle: str = ""
    stripe_files_base: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read every variable; raise ValueError naming all that are missing."""
        source = os.environ if environ is None else environ
        missing = [name for name in _NAMES if name not in source]
        if missing:
            raise ValueError(f"missing environment variables: {', '.join(missing)}")
        values = {name.lower(): source[name].rstrip("/") for name in _NAMES}
        given = {
            "data_dir": Path(source["DATA_DIR"]),
            "ca_bundle": source.get(_CA_BUNDLE, ""),
            "stripe_files_base": source.get("STRIPE_FILES_BASE") or values["stripe_api_base"],
        }
        return cls(**{**values, **given})  # type: ignore[arg-type]

    @property
    def origin(self) -> str:
        """Scheme, host and port of the sandbox's one HTTP server."""
        parts = urlsplit(self.hubspot_api_base)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def http_address(self) -> tuple[str, int]:
        return _address(self.hubspot_api_base, 80)

    @property
    def smtp_address(self) -> tuple[str, int]:
        return _address(self.smtp_url, 25)


def on_free_ports(
    data_dir: Path, *, public_url: str = "http://127.0.0.1:9", database_url: str = ""
) -> Settings:
    """Make settings for a test: free loopback ports, the product where it is told."""
    with socket.socket() as http, socket.socket() as smtp:
        http.bind(("127.0.0.1", 0))
        smtp.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{http.getsockname()[1]}"
        smtp_url = f"smtp://127.0.0.1:{smtp.getsockname()[1]}"
    return Settings(
        public_url=public_url,
        data_dir=data_dir,
        database_url=database_url,
        hubspot_client_id="sandbox-client-id",
        hubspot_client_secret="sandbox-client-secret",  # noqa: S106 - the sandbox's own
        hubspot_app_id="4242",
        hubspot_api_base=f"{origin}/hubspot",
        hubspot_app_base=f"{origin}/hubspot-app",
        stripe_api_base=f"{origin}/stripe",
        stripe_files_base=f"{origin}/stripe",
        slack_client_id="1111.2222",
        slack_client_secret="sandbox-slack-secret",  # noqa: S106 - the sandbox's own
        slack_api_base=f"{origin}/slack/api",
        slack_app_base=f"{origin}/slack",
        smtp_url=smtp_url,
    )


def _address(url: str, default_port: int) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or default_port
