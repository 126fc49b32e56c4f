"""What the vendors' windows show, read over HTTP: inbox, Slack, Stripe, and the sandbox's switches.

Everything is looked up by a person's address or a customer's name, so that tests that share one
product do not see each other.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import requests

from sandbox import hubspot

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.product import Product

EXPECTED: dict[str, Any] = json.loads(
    Path(hubspot.__file__).with_name("expected_amounts.json").read_text(encoding="utf-8")
)
REP = "dana@maison.example"
STRIPE_KEY = "rk_test_sandbox0001"
SLOW = 30.0
_LOOK_SECONDS = 0.05
_SIGNS = {"EUR": "(?:EUR|€)", "GBP": "(?:GBP|£)", "JPY": "(?:JPY|¥)"}

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str, seconds: float = SLOW) -> Found:
    """Ask until the answer is true; AssertionError that names what never came."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(_LOOK_SECONDS)


def figure(minor: int, currency: str) -> re.Pattern[str]:
    """How the amount may be written: `1 620,00 EUR`, `€1,620.00`; spaces of any width."""
    whole, cents = (minor, "") if currency == "JPY" else divmod(minor, 100)
    digits = f"{whole:,}".replace(",", r"[\s,.]?")
    number = digits if cents == "" else rf"{digits}[.,]{cents:02d}"
    sign = _SIGNS[currency]
    return re.compile(rf"(?<![\d,.]){number}\s?{sign}|{sign}\s?{number}(?![\d,.])")


@dataclass(frozen=True)
class Windows:
    """The sandbox of one product, as its people and its tester see it."""

    product: Product

    def get(self, path: str, **query: str) -> Any:
        answer = requests.get(f"{self.product.sandbox_url}{path}", params=query, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.headers["Content-Type"] == "application/json" else answer

    def control(self, path: str, /, **fields: Any) -> Any:
        """Use one of the tester's switches."""
        url = f"{self.product.sandbox_url}{path}"
        answer = requests.post(url, json=fields, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def move_time(self, **step: float) -> None:
        """Move business time by `days` and `seconds`, on both sides."""
        self.control("/control/advance", **step)

    def calm(self) -> None:
        """Take back every armed fault."""
        requests.delete(f"{self.product.sandbox_url}/control/faults", timeout=30)

    def arrivals(self, vendor: str, method: str, path: str) -> int:
        """How many calls of a path (a regular expression) have arrived."""
        entries = self.get("/control/journal", vendor=vendor)["entries"]
        return sum(e["method"] == method and bool(re.fullmatch(path, e["path"])) for e in entries)

    # The inbox.

    def mails(self, to: str, about: str = "") -> list[dict[str, Any]]:
        """A person's mails, oldest first, whose subject or text says `about`."""
        every = self.get("/mail/messages.json")["messages"]
        mine = [mail for mail in every if to in mail["to"]]
        return [mail for mail in mine if about in _plain(mail["subject"], mail["text"] or "")]

    def mail(self, to: str, about: str) -> dict[str, Any]:
        """Wait for the one mail that says this."""
        found = until(lambda: self.mails(to, about), f"a mail to {to} about {about}")
        assert len(found) == 1, [mail["subject"] for mail in found]
        return found[0]

    def attachments(self, mail: dict[str, Any]) -> list[bytes]:
        places = range(len(mail["attachments"]))
        return [self.get(f"/mail/{mail['id']}/attachments/{place}").content for place in places]

    # Slack.

    def slack(self, about: str, team: str = "T0SANDBOX", channel: str = "C0VENTES") -> list[str]:
        """The channel's messages that speak of `about`, as the window shows them."""
        page = self.get(f"/slack/client/{team}/{channel}/messages").text
        said = [re.sub(r"<[^>]+>|\s+", " ", part) for part in page.split("<article")[1:]]
        return [message for message in said if about in message]

    # Stripe.

    def stripe(self, kind: str, key: str = STRIPE_KEY, **query: str) -> list[dict[str, Any]]:
        """List an account's objects by Stripe's own API."""
        url = f"{self.product.sandbox_url}/stripe/v1/{kind}"
        headers = {"Authorization": f"Bearer {key}"}
        answer = requests.get(url, params={"limit": "100", **query}, headers=headers, timeout=30)
        answer.raise_for_status()
        return list(answer.json()["data"])

    def customer(self, email: str, key: str = STRIPE_KEY) -> str:
        """The id of her only Stripe customer."""
        found = self.stripe("customers", key, email=email)
        assert len(found) == 1, found
        return str(found[0]["id"])

    def bought(self, email: str, key: str = STRIPE_KEY) -> Bought:
        """Everything Stripe holds of a buyer."""
        customer = self.customer(email, key)
        subscriptions = self.stripe("subscriptions", key, customer=customer, status="all")
        return Bought(subscriptions, self.stripe("invoices", key, customer=customer))


def _plain(*texts: str) -> str:
    """The words with plain spaces between them."""
    return " ".join(" ".join(texts).split())


@dataclass(frozen=True)
class Bought:
    """One customer's subscriptions and invoices, newest first."""

    subscriptions: list[dict[str, Any]]
    invoices: list[dict[str, Any]]

    def only_invoice(self) -> dict[str, Any]:
        assert len(self.invoices) == 1, self.invoices
        return self.invoices[0]

    def only_subscription(self) -> dict[str, Any]:
        assert len(self.subscriptions) == 1, self.subscriptions
        return self.subscriptions[0]
