"""Doors to the sandbox as the providers use them, and servers that break off."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from app.plan_lines import PlanLine
from app.providers.hubspot.answers import Tokens
from app.providers.hubspot.authorize import authorize_url
from app.providers.hubspot.crm import HubSpotCrm
from app.providers.hubspot.oauth import exchange_code
from app.providers.stripe.answers import Session
from app.providers.stripe.billing import StripeBilling
from sandbox.server import Server
from sandbox.stripe import sessions
from sandbox.stripe.books import Books
from sandbox.stripe.deliveries import Deliveries

VERIFIER = "a-verifier-that-only-this-browser-has-0123456789"


@dataclass
class Installer:
    """An admin who installs the app in a portal through HubSpot's own page."""

    sandbox: Server
    redirect_uri: str = field(init=False)

    def __post_init__(self) -> None:
        self.redirect_uri = f"{self.sandbox.world.settings.public_url}/oauth/hubspot/callback"

    def approve(self, account: str = "148111/7001") -> str:
        """Approve on the authorize page and return the code that comes back."""
        settings = self.sandbox.world.settings
        url = authorize_url(
            settings.hubspot_app_base,
            settings.hubspot_client_id,
            self.redirect_uri,
            "state-1",
            VERIFIER,
        )
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        answer = requests.post(
            url.partition("?")[0],
            data={**asked, "account": account, "decision": "approve"},
            allow_redirects=False,
            timeout=5,
        )
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert back["state"] == ["state-1"]
        return back["code"][0]

    def install(self, account: str = "148111/7001") -> Tokens:
        settings = self.sandbox.world.settings
        return exchange_code(
            settings.hubspot_api_base,
            settings.hubspot_client_id,
            settings.hubspot_client_secret,
            self.redirect_uri,
            code=self.approve(account),
            verifier=VERIFIER,
        )


@pytest.fixture
def installer(sandbox: Server) -> Installer:
    return Installer(sandbox)


@pytest.fixture
def crm(installer: Installer) -> HubSpotCrm:
    tokens = installer.install()
    return HubSpotCrm(installer.sandbox.world.settings.hubspot_api_base, tokens.access_token)


@pytest.fixture
def closed_port() -> int:
    """A loopback port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class SilentServer:
    """Takes connections and requests, counts them, and never says a word."""

    port: int
    requests: int = 0


@pytest.fixture
def silent_server() -> Iterator[SilentServer]:
    server = socket.create_server(("127.0.0.1", 0))
    silent = SilentServer(server.getsockname()[1])
    kept: list[socket.socket] = []

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            kept.append(connection)
            if connection.recv(65536):
                silent.requests += 1

    threading.Thread(target=listen, daemon=True).start()
    yield silent
    server.close()
    for connection in kept:
        connection.close()


@dataclass
class Shop:
    """A tenant's Stripe account with what a first charge needs; one object a test."""

    sandbox: Server
    stripe: StripeBilling

    def customer(self, key: str = "customer") -> str:
        return self.stripe.create_customer(
            name="Atelier Martin",
            email="jeanne@atelier-martin.example",
            address={"line1": "12 rue des Filles-du-Calvaire", "city": "Paris", "country": "FR"},
            locale="fr",
            metadata={"propale": "1"},
            operation_key=key,
        )

    def line(self, name: str, unit_minor: int, percentage: str = "20") -> PlanLine:
        product = self.stripe.create_product(name, {}, f"product-{name}")
        rate = self.stripe.create_tax_rate("TVA", percentage, f"rate-{percentage}", {})
        return PlanLine(product, name, unit_minor, 1, rate)

    def page(self, customer_id: str, method: str = "card", key: str = "page") -> Session:
        return self.stripe.create_setup_session(
            customer_id=customer_id,
            method=method,
            currency="EUR",
            success_url="http://propale.test/back?session={CHECKOUT_SESSION_ID}",
            cancel_url="http://propale.test/p",
            locale="fr",
            metadata={"proposal": "p-1"},
            message="540,00 EUR aujourd'hui",
            operation_key=key,
        )

    def enter_method(self, session_id: str, choice: str) -> str:
        """Enter a method as a customer does on Stripe's page; returns the payment method."""
        world = self.sandbox.world
        books = Books(world, Deliveries(world), "acct_sandbox0001")
        with world.store.lock:
            sessions.complete(books, books.get("checkout.session", session_id), choice)
        return self.stripe.retrieve_session(session_id).payment_method_id or ""

    def method(self, customer_id: str, choice: str, kind: str = "card") -> str:
        page = self.page(customer_id, kind, key=f"page-{choice}")
        return self.enter_method(page.id, choice)


@pytest.fixture
def shop(sandbox: Server) -> Shop:
    api_base = sandbox.world.settings.stripe_api_base
    return Shop(sandbox, StripeBilling("rk_test_sandbox0001", api_base))
