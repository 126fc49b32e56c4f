"""The people of the flow, without a browser: a rep who sends, a customer who accepts."""

from __future__ import annotations

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, Any

import requests

from bench.servers import BenchError

if TYPE_CHECKING:
    from collections.abc import Mapping

PORTAL, REP = 148111, 7001
REPS = 4
SECONDS_TO_SEND = 180
_LINK = re.compile(r"http\S+/p/[\w-]+")
_FORM = re.compile(r'name="nonce" value="(\w+)".*?name="version" value="(\d+)"', re.DOTALL)


@dataclass(frozen=True)
class Offer:
    """A proposal before the customer: her link and what the button on her page would post."""

    link: str
    form: Mapping[str, str]


def send_proposals(env: Mapping[str, str], number: int) -> list[Offer]:
    """Send that many from the card, wait for the mails and open their links."""
    sandbox = env["HUBSPOT_API_BASE"].removesuffix("/hubspot")
    # The rate the account may ask HubSpot at is not what is measured.
    _post(f"{sandbox}/control/hubspot/limit", {"calls": 1_000_000})
    with ThreadPoolExecutor(REPS) as reps:
        list(reps.map(partial(_send, sandbox, env["PUBLIC_URL"]), range(number)))
        links = _wait_for_links(sandbox, number)
        return list(reps.map(_open, links))


def accept(offer: Offer) -> float:
    """Press the button on the customer's page; returns the seconds until she was redirected."""
    origin = offer.link.split("/p/")[0]
    began = time.perf_counter()
    answer = requests.post(
        f"{offer.link}/accept",
        data=dict(offer.form),
        headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
        timeout=30,
    )
    if answer.status_code != 303:
        raise BenchError(f"an acceptance was answered {answer.status_code}: {answer.text[:300]}")
    return time.perf_counter() - began


def _send(sandbox: str, product: str, number: int) -> None:
    """Make a deal and press the card's button on it."""
    deal = _post(f"{sandbox}/control/hubspot/deals", _deal(number))["id"]
    proxy = f"{sandbox}/hubspot-app/proxy?portalId={PORTAL}&userId={REP}"
    card = f"{product}/api/card/deals/{deal}"
    offer = _post(proxy, {"url": f"{card}?lang=fr"})["offers"][0]
    click = {
        "requestId": str(uuid.uuid4()),
        "recipientContactId": offer["recipient"]["contactId"],
        "shown": offer["shown"],
    }
    url = f"{card}/proposals?lang=fr"
    _post(proxy, {"url": url, "method": "POST", "body": click})


def _deal(number: int) -> dict[str, Any]:
    line = {
        "name": "Poste en coworking, abonnement mensuel",
        "quantity": "1",
        "price": "450.00",
        "recurringbillingfrequency": "monthly",
        "hs_tax_rate_group_id": "7120",
    }
    email = f"jeanne@atelier-{number}.example"
    return {
        "dealname": f"Atelier {number}",
        "dealstage": "presentationscheduled",
        "currency": "EUR",
        "owner": "9001",
        "company": {"name": f"Atelier {number}", "city": "Paris"},
        "contacts": [{"firstname": "Jeanne", "lastname": "Martin", "email": email}],
        "lines": [line],
    }


def _wait_for_links(sandbox: str, number: int) -> list[str]:
    deadline = time.monotonic() + SECONDS_TO_SEND
    while time.monotonic() < deadline:
        mails = requests.get(f"{sandbox}/mail/messages.json", timeout=30).json()["messages"]
        links = {link for mail in mails for link in _LINK.findall(mail["text"])}
        if len(links) >= number:
            return sorted(links)
        time.sleep(1)
    raise BenchError(f"{len(links)} of {number} proposals were sent in {SECONDS_TO_SEND} s")


def _open(link: str) -> Offer:
    page = requests.get(link, timeout=30)
    found = _FORM.search(page.text)
    if found is None:
        raise BenchError(f"no form on the customer's page: {page.status_code}")
    nonce, version = map(unescape, found.groups())
    return Offer(link, {"nonce": nonce, "version": version, "method": "card"})


def _post(url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer = requests.post(url, json=body, timeout=30)
    if not answer.ok:
        raise BenchError(f"{url} answered {answer.status_code}: {answer.text[:300]}")
    found: dict[str, Any] = answer.json()
    return found
