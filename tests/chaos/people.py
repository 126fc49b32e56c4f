"""Rep and customer over plain HTTP; when something fails they do what people do: try again."""

from __future__ import annotations

import re
import time
import uuid
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.sales import Sale

SECONDS = 40  # longer than the slowest page
_PAUSE = 0.7
_REFUSED = 400
_NONCE = re.compile(r'name="nonce" value="(\w+)"')
_VERSION = re.compile(r'name="version" value="(\d+)"')
_FORM = re.compile(r'<form method="post" action="([^"]*/(?:accept|pay))"')
_BANK = re.compile(r'"([^"]*/3ds/[^"]*)"')
_REFRESH = re.compile(r"(\d+); url=(.+)")
_PAID = re.compile("Merci, votre paiement|Facture payée")
_UNDER_WAY = re.compile("Votre prélèvement est en cours")


class TryAgainError(Exception):
    """It did not work this time; the text is for who looks into it."""


class Rep:
    """Opens the deal and presses the card's button, until the product has taken it."""

    def __init__(self, product: str, sandbox: str, over: Callable[[], bool]) -> None:
        self._product, self._sandbox, self._over = product, sandbox, over

    def send(self, sale: Sale) -> None:
        """Plant the deal and ask for its proposal; the same click is repeated until it is taken."""
        sale.deal = _made(f"{self._sandbox}/control/hubspot/deals", sale.described())["id"]
        card = f"{self._product}/api/card/deals/{sale.deal}"
        click: dict[str, Any] = {}
        while not self._over():
            try:
                click = click or self._click(sale, card)
                self._call(sale, f"{card}/proposals?lang=fr", click)
            except (requests.RequestException, TryAgainError) as problem:
                sale.seen.append(f"rep: {problem}")
                time.sleep(_PAUSE)
            else:
                return

    def _click(self, sale: Sale, card: str) -> dict[str, Any]:
        offers = self._call(sale, f"{card}?lang=fr&check=again").get("offers") or []
        if not offers:
            raise TryAgainError("the card offers nothing")
        return {
            "requestId": str(uuid.uuid4()),
            "recipientContactId": offers[0]["recipient"]["contactId"],
            "shown": offers[0]["shown"],
        }

    def _call(self, sale: Sale, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call of the card, signed by HubSpot's proxy."""
        proxy = f"{self._sandbox}/hubspot-app/proxy?portalId={sale.portal}&userId={sale.user}"
        asked = {"url": url, "method": "POST", "body": body} if body else {"url": url}
        return _made(proxy, asked)


class Customer:
    """Reads her mail's link, chooses, enters what she has, and comes back until it is settled."""

    def __init__(self, sale: Sale, over: Callable[[], bool]) -> None:
        self._sale, self._over = sale, over
        self._browser = requests.Session()
        self._entered = 0

    def buy(self) -> None:
        """Go on until she sees that it is paid or that her debit is under way."""
        while not self._sale.settled and not self._over():
            try:
                self._go_on(self._get(self._sale.link))
            except (requests.RequestException, TryAgainError) as problem:
                self._sale.seen.append(f"customer: {problem}")
            time.sleep(_PAUSE)

    def _go_on(self, page: requests.Response) -> None:
        """Follow page after page, while each says what is next."""
        following: requests.Response | None = page
        while following is not None and not self._over():
            page, following = following, self._answer(following)
        self._sale.settled = bool(_PAID.search(page.text) or _UNDER_WAY.search(page.text))

    def _answer(self, page: requests.Response) -> requests.Response | None:
        """Do what the page asks for; None when it asks for nothing."""
        if "/c/pay/" in page.url:
            return self._enter(page)
        if bank := _BANK.search(page.text):
            return self._post(urljoin(page.url, unescape(bank[1])), answer="confirm")
        if waiting := _REFRESH.match(page.headers.get("Refresh", "")):
            time.sleep(int(waiting[1]))
            return self._get(urljoin(page.url, waiting[2]))
        if form := _FORM.search(page.text):
            return self._choose(page, unescape(form[1]))
        return None

    def _choose(self, page: requests.Response, action: str) -> requests.Response:
        """Choose the method's kind on our page: the first time that is the acceptance."""
        fields = {"nonce": _found(_NONCE, page), "method": self._sale.method}
        if action.endswith("/accept"):
            fields["version"] = _found(_VERSION, page)
        onward = self._post(urljoin(page.url, action), **fields)
        self._sale.accepted = True
        return onward

    def _enter(self, page: requests.Response) -> requests.Response:
        """Enter a method on Stripe's page; the bank's question, if it comes, is answered there."""
        way = self._sale.way
        choice = way[min(self._entered, len(way) - 1)]
        onward = self._post(page.url, choice=choice)
        if onward.url.partition("?")[0].endswith("/bank"):
            onward = self._post(onward.url, answer="confirm")
        self._entered += 1
        return onward

    def _get(self, url: str) -> requests.Response:
        return _sound(self._browser.get(url, timeout=SECONDS))

    def _post(self, url: str, **form: str) -> requests.Response:
        """Post a form of the page's own site, as a browser does."""
        origin = "/".join(url.split("/")[:3])
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        return _sound(self._browser.post(url, data=form, headers=headers, timeout=SECONDS))


def _found(pattern: re.Pattern[str], page: requests.Response) -> str:
    found = pattern.search(page.text)
    if found is None:
        raise TryAgainError(f"no {pattern.pattern} on {page.url}")
    return found[1]


def _sound(answer: requests.Response) -> requests.Response:
    if answer.status_code >= _REFUSED:
        raise TryAgainError(f"{answer.status_code} from {answer.url}")
    return answer


def _made(url: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.post(url, json=body, timeout=SECONDS)
    if not answer.ok:
        raise TryAgainError(
            f"{answer.status_code} from {body.get('url', url)}: {answer.text[:200]}"
        )
    found: dict[str, Any] = answer.json()
    return found
