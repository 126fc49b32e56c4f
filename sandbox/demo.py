"""`python -m sandbox.demo`: plays the installer of a fresh demo, over HTTP, once.

She installs the app from HubSpot's authorize page and fills in the connections and preferences.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from sandbox import outgoing
from sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 30
_HIDDEN = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_NOT_WORDS = re.compile(r"<(style|script|head)\b.*?</\1>|<[^>]+>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Seller:
    """Who installs: `portal/user` at HubSpot, a name, a key of Stripe's, Slack's bot token.

    `logo` is the file of her logo, if she has one.
    """

    account: str
    name: str
    stripe_key: str
    slack_token: str
    logo: Path | None = None

    def forms(self) -> dict[str, dict[str, str]]:
        """Return what she enters on the connections and preferences pages, form by form."""
        return {
            "connections/stripe": {"key": self.stripe_key},
            "connections/slack": {"token": self.slack_token},
            "connections/slack/channel": {"channel": "#ventes"},
            "preferences/seller": {"seller_name": self.name, **_IDENTITY},
            "preferences/mail": {"sender_name": self.name, "reply_to": "bonjour@maison.example"},
            **{f"preferences/{name}": fields for name, fields in _PREFERENCES.items()},
        }


_IDENTITY = {
    "legal_form": "SAS au capital de 10 000 €",
    "seller_address": "10 rue de la Paix\n75002 Paris\nFrance",
    "siren": "901 234 567",
    "vat_number": "FR15901234567",
}
_PREFERENCES = {
    "offers": {
        "language": "fr",
        "time_zone": "",
        "currency": "",
        "validity_days": "30",
        "billing_label": "Facturation",
    },
    "terms": {
        "terms": "Payable à l’acceptation. Abonnement sans engagement, résiliable à tout "
        "moment avec effet à la fin de la période payée.",
    },
    "stages": {
        "stage.sent.default": "contractsent",
        "stage.accepted.default": "decisionmakerboughtin",
        "stage.paid.default": "closedwon",
    },
}
FIRST = Seller(
    "148111/7001",
    "Maison du Sandbox",
    "rk_test_sandbox0001",
    "xoxb-sandbox-token",
    Path(__file__).parent / "static" / "seller-logo.png",
)
OTHER = Seller(
    "148222/7002",
    "Autre Maison",
    "rk_test_sandbox0002",
    "xoxb-sandbox-token-2",
)


class DemoError(RuntimeError):
    """A step of the installation did not succeed; the text says which and what came back."""


def install(settings: Settings, seller: Seller = FIRST) -> bool:
    """Install and connect a seller; False when that was done before. Raises DemoError."""
    mark = f"{settings.origin}/control/marks/installed-{seller.account.partition('/')[0]}"
    with outgoing.session(settings) as browser:
        if browser.get(mark, timeout=_SECONDS).ok:
            return False
        _approve(browser, settings, seller)
        for name, fields in seller.forms().items():
            _send_form(browser, settings.public_url, name, fields)
        if seller.logo:
            files = {"file": (seller.logo.name, seller.logo.read_bytes(), "image/png")}
            _send_form(browser, settings.public_url, "preferences/logo", {}, files)
        browser.put(mark, json={"account": seller.account}, timeout=_SECONDS).raise_for_status()
    return True


def hidden_fields(page: str) -> dict[str, str]:
    """Return name -> value of the hidden inputs of a page."""
    fields = {}
    for tag in _HIDDEN.findall(page):
        attributes = {name: unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        if attributes.get("type") == "hidden" and "name" in attributes:
            fields[attributes["name"]] = attributes.get("value", "")
    return fields


def _approve(browser: requests.Session, settings: Settings, seller: Seller) -> None:
    asked = _ok("install", browser.get(f"{settings.public_url}/install", timeout=_SECONDS))
    if not asked.url.startswith(f"{settings.hubspot_app_base}/oauth/authorize"):
        raise DemoError(f"install ended at {asked.url} instead of HubSpot's authorize page")
    form = {**hidden_fields(asked.text), "account": seller.account, "decision": "approve"}
    done = _ok("callback", browser.post(asked.url, data=form, timeout=_SECONDS))
    if not done.url.startswith(settings.public_url):
        raise DemoError(f"approval ended at {done.url} instead of the product")


def _send_form(
    browser: requests.Session,
    public_url: str,
    name: str,
    fields: Mapping[str, str],
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
) -> None:
    page_url = f"{public_url}/{name.partition('/')[0]}"
    page = _ok(name, browser.get(page_url, timeout=_SECONDS))
    token = hidden_fields(page.text).get("csrf_token")
    if token is None:
        raise DemoError(f"{page_url} has no csrf_token")
    answer = browser.post(
        f"{public_url}/{name}",
        data={**fields, "csrf_token": token},
        files=files,
        headers={"Origin": public_url, "Referer": page_url},
        timeout=_SECONDS,
    )
    _ok(name, answer)


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
