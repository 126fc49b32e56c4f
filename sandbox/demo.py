"""`python -m sandbox.demo`: plays the installer of a fresh demo, over HTTP, once.

She installs the app from HubSpot's authorize page and fills in the connections page.
"""

from __future__ import annotations

import re
import sys
from html import unescape
from typing import TYPE_CHECKING

import requests

from sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 30
_ACCOUNT = "148111/7001"
_STRIPE_KEY = "rk_test_sandbox0001"
_HIDDEN = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_NOT_WORDS = re.compile(r"<(style|script|head)\b.*?</\1>|<[^>]+>", re.IGNORECASE | re.DOTALL)
_FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("stripe", {"key": _STRIPE_KEY}),
    ("slack", {"token": "xoxb-sandbox-token", "channel": "#ventes"}),
    (
        "preferences",
        {
            "seller_name": "Maison du Sandbox",
            "seller_address": "10 rue de la Paix\n75002 Paris\nFrance",
            "sender_name": "Maison du Sandbox",
            "reply_to": "bonjour@maison.example",
            "language": "fr",
            "terms": "Payable à l'acceptation. Abonnement sans engagement, résiliable à tout "
            "moment avec effet à la fin de la période payée.",
            "validity_days": "30",
            "billing_label": "Facturation",
            "stage_sent": "contractsent",
            "stage_accepted": "decisionmakerboughtin",
            "stage_paid": "closedwon",
        },
    ),
)


class DemoError(RuntimeError):
    """A step of the installation did not succeed; the text says which and what came back."""


def install(settings: Settings) -> bool:
    """Install and connect portal 148111; False when that was done before. Raises DemoError."""
    mark = f"{settings.origin}/control/marks/demo-installed"
    with requests.Session() as browser:
        browser.trust_env = False
        if browser.get(mark, timeout=_SECONDS).ok:
            return False
        _approve(browser, settings)
        for name, fields in _FORMS:
            _send_form(browser, f"{settings.public_url}/connections", name, fields)
        browser.put(mark, json={"account": _ACCOUNT}, timeout=_SECONDS).raise_for_status()
    return True


def hidden_fields(page: str) -> dict[str, str]:
    """Return name -> value of the hidden inputs of a page."""
    fields = {}
    for tag in _HIDDEN.findall(page):
        attributes = {name: unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        if attributes.get("type") == "hidden" and "name" in attributes:
            fields[attributes["name"]] = attributes.get("value", "")
    return fields


def _approve(browser: requests.Session, settings: Settings) -> None:
    asked = _ok("install", browser.get(f"{settings.public_url}/install", timeout=_SECONDS))
    if not asked.url.startswith(f"{settings.hubspot_app_base}/oauth/authorize"):
        raise DemoError(f"install ended at {asked.url} instead of HubSpot's authorize page")
    form = {**hidden_fields(asked.text), "account": _ACCOUNT, "decision": "approve"}
    done = _ok("callback", browser.post(asked.url, data=form, timeout=_SECONDS))
    if not done.url.startswith(settings.public_url):
        raise DemoError(f"approval ended at {done.url} instead of the product")


def _send_form(
    browser: requests.Session, page_url: str, name: str, fields: Mapping[str, str]
) -> None:
    page = _ok("connections", browser.get(page_url, timeout=_SECONDS))
    token = hidden_fields(page.text).get("csrf_token")
    if token is None:
        raise DemoError(f"{page_url} has no csrf_token")
    answer = browser.post(
        f"{page_url}/{name}",
        data={**fields, "csrf_token": token},
        headers={"Origin": page_url.rsplit("/", 1)[0], "Referer": page_url},
        timeout=_SECONDS,
    )
    _ok(f"connections/{name}", answer)


def _ok(step: str, answer: requests.Response) -> requests.Response:
    if not answer.ok:
        words = " ".join(_NOT_WORDS.sub(" ", answer.text).split())[:600]
        raise DemoError(f"{step}: {answer.status_code} from {answer.url}: {words}")
    return answer


def main() -> int:
    """Install with the environment's settings; 1 with a sentence when it fails."""
    try:
        fresh = install(Settings.from_env())
    except (ValueError, DemoError, requests.RequestException) as problem:
        sys.stderr.write(f"demo: {problem}\n")
        return 1
    sys.stdout.write("installed and connected\n" if fresh else "already installed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
