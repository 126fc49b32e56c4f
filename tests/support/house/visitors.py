"""The people of a house: the rep at her card, the customer on the way to Stripe."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from app.billing.purchases import ask_for_page, see_waiting
from app.models import Proposal, Purchase
from app.proposals.accept import Evidence, accept_proposal
from sandbox.hubspot.proxy import signed_call
from sandbox.stripe import sessions
from tests.support.house.sight import Record
from tests.support.house.work import Work

Way = tuple[str, ...]


def play_it(_way: Way, play: Callable[[], int]) -> int:
    """The beginning of a test in a house that cannot be put back."""
    return play()


@dataclass
class House(Work):
    """One tenant with its rep and its customers; `begin` knows what was done once already."""

    begin: Callable[[Way, Callable[[], int]], int] = play_it

    # The rep.

    def card(
        self,
        path: str,
        body: Any = None,
        *,
        method: str | None = None,
        user: int | None = None,
        portal: int | None = None,
    ) -> TestResponse:
        """One call of the card below /api/card, signed as HubSpot signs it."""
        made = signed_call(
            self.sandbox.world.settings,
            portal=portal or self.account.portal,
            user=user or self.account.user,
            url=f"{self.runtime.settings.public_url}/api/card{path}",
            method=method or ("GET" if body is None else "POST"),
            body=body,
        )
        target = str(made.url).removeprefix(self.runtime.settings.public_url)
        return self.app.test_client().open(
            target, method=made.method or "GET", headers=dict(made.headers), data=made.body
        )

    def view(self, deal: str, language: str = "fr", *, again: bool = False) -> Record:
        """The card's state of a deal."""
        answer = self.card(f"/deals/{deal}?lang={language}{'&check=again' if again else ''}")
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def click(self, deal: str, recipient: str | None = None, **more: Any) -> TestResponse:
        """Press the button the card shows; with several recipients, the named one."""
        offers = self.view(deal)["offers"]
        chosen = next(o for o in offers if recipient in (None, o["recipient"]["contactId"]))
        body = {
            "requestId": str(uuid.uuid4()),
            "recipientContactId": chosen["recipient"]["contactId"],
            "shown": chosen["shown"],
            **more,
        }
        return self.card(f"/deals/{deal}/proposals?lang=fr", body)

    def send(self, deal: str = "5101", recipient: str | None = None) -> Proposal:
        """Click and work until the mail is out."""
        assert self.click(deal, recipient).status_code == 202
        self.settle()
        proposal = self.proposal(deal)
        assert proposal.status == "sent", self.open_errors()
        return proposal

    # The customer.

    def accept(self, proposal: Proposal, method: str = "card") -> Purchase:
        """Choose a method; Stripe's page is open afterwards unless Stripe was told to fail."""
        purchase = self.choose(proposal, method)
        self.settle()
        return self.purchase(purchase.id)

    def choose(self, proposal: Proposal, method: str) -> Purchase:
        """Click on a method, of which no worker has heard yet."""
        with self.runtime.database.writing(self.tenant_id) as session:
            return accept_proposal(
                session,
                self.runtime.sealer,
                session.get_one(Proposal, proposal.id),
                method=method,
                version=proposal.version,
                evidence=Evidence("192.0.2.7", "Tests"),
                now=self.runtime.clock.now(),
            )

    def enter(self, purchase: Purchase, choice: str = "card_ok") -> None:
        """Enter a method on Stripe's page."""
        books, world = self.books(), self.sandbox.world
        session_id = self.purchase(purchase.id).stripe_session_id or ""
        with world.store.lock:
            sessions.complete(books, books.get("checkout.session", session_id), choice)

    def come_back(self, purchase: Purchase) -> None:
        """Her browser is on our return page and waits there."""
        with self.runtime.database.writing(self.tenant_id) as session:
            see_waiting(session, session.get_one(Purchase, purchase.id))

    def ask_again(self, purchase: Purchase, method: str = "card") -> Purchase:
        """Another method for a purchase that is not paid; a fresh Stripe page is open after it."""
        with self.runtime.database.writing(self.tenant_id) as session:
            again = session.get_one(Purchase, purchase.id)
            ask_for_page(session, again, method, self.runtime.clock.now())
        self.settle()
        return self.purchase(purchase.id)

    def pay_again(
        self, purchase: Purchase, method: str = "card", choice: str = "card_ok"
    ) -> Purchase:
        """Another method, asked for, entered and worked while she waits on our page."""
        self.ask_again(purchase, method)
        self.enter(purchase, choice)
        self.come_back(purchase)
        self.settle()
        return self.purchase(purchase.id)

    def buy(
        self,
        deal: str,
        choice: str = "card_ok",
        method: str = "card",
        *,
        recipient: str | None = None,
    ) -> Purchase:
        """The whole way: sent, accepted, method entered, everything worked."""
        purchase = self.accept(self.send(deal, recipient), method)
        self.enter(purchase, choice)
        self.settle()
        return self.purchase(purchase.id)

    # The beginning of a test: done once a session, then put back.

    def sent(self, deal: str = "5101") -> Proposal:
        """As `send`, for a test of what comes after it."""
        self.begin(("send", deal), lambda: self.send(deal).id)
        return self.proposal(deal)

    def accepted(
        self, deal: str, method: str = "card", *, recipient: str | None = None
    ) -> Purchase:
        """As `send` and `accept`: Stripe's page is open."""
        way = ("accept", deal, method, recipient or "")
        return self.purchase(
            self.begin(way, lambda: self.accept(self.send(deal, recipient), method).id)
        )

    def bought(
        self,
        deal: str,
        choice: str = "card_ok",
        method: str = "card",
        *,
        recipient: str | None = None,
    ) -> Purchase:
        """As `buy`."""
        way = ("buy", deal, choice, method, recipient or "")
        return self.purchase(
            self.begin(way, lambda: self.buy(deal, choice, method, recipient=recipient).id)
        )
