"""What the sandbox sends to the product: card calls, webhooks, the demo's clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from sandbox.settings import Settings


def session(settings: Settings) -> requests.Session:
    """A session that goes round the machine's proxies and trusts the product's own authority."""
    made = requests.Session()
    made.trust_env = False
    made.verify = settings.ca_bundle or True
    return made
