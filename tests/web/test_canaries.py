"""Every secret is a canary: a whole flow is played, and fails and crashes, and none is heard after.

Looked through: what is logged at the most talkative level, every answer to strangers and
colleagues, health, every table, every mail.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from werkzeug.test import TestResponse

from app.accounts.connections import open_secrets, store_secrets
from app.db import EVERY_TENANT
from app.logs import set_up_logging
from app.models import Connection, Message
from app.settings import Secret
from tests.factories import return_token_of, token_of
from tests.support.contents import contents
from tests.support.environ import CLOSED
from tests.support.house import ON_BOTH, House
from tests.web.browsing import signed_in
from tests.web.card_calls import Call, deal, send
from tests.web.forms import read
from tests.web.forms import send as press
from workers.drain import Drain
from workers.handlers import HANDLERS

pytestmark = ON_BOTH
REDIS_WORD, SMTP_WORD = "canary-of-redis", "canary-of-smtp"
METRICS_WORD = "canary-of-the-metrics"


@dataclass
class Canaries:
    """The secrets by name, and where one was heard."""

    secrets: dict[str, str]
    answers: list[str] = field(default_factory=list)

    def hear(self, answer: TestResponse) -> TestResponse:
        headers = "\n".join(f"{n}: {v}" for n, v in answer.headers if n != "Set-Cookie")
        self.answers.append(f"{headers}\n{answer.text}")
        return answer

    def heard_in(self, text: str) -> set[str]:
        """The secrets that a text holds, each with the words around it."""
        found = [
            (name, text.find(form))
            for name, secret in self.secrets.items()
            for form in {secret, quote(secret, safe="")}
            if form in text
        ]
        return {f"{name}: {text[max(at - 90, 0) : at + 50]}" for name, at in found}


@pytest.fixture
def log(house: House) -> Iterator[StringIO]:
    """What the product writes at its most talkative; pytest's own handlers come back afterwards."""
    root, written, before = logging.getLogger(), StringIO(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    sandboxs = [logging.getLogger(name) for name in ("mail.log", "werkzeug", "asyncio")]
    set_up_logging("DEBUG", as_json=True, secrets=house.runtime.settings.secrets, stream=written)
    for logger in sandboxs:
        logger.disabled = True
    yield written
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level
    for logger in sandboxs:
        logger.disabled = False


@pytest.fixture
def talking(house: House, log: object) -> House:
    """The house whose Redis has a password, and is away."""
    assert log
    set_on(house, redis_url=Secret(f"redis://propale:{REDIS_WORD}@127.0.0.1:9/0"))
    return house


def set_on(house: House, **changes: Any) -> None:
    """Give the house's processes other settings."""
    settings = replace(house.runtime.settings, **changes)
    house.runtime = replace(house.runtime, settings=settings)
    house.app.extensions["propale"] = house.runtime
    house.drain._pool.shutdown()
    house.drain = Drain(house.runtime, HANDLERS)


def canaries_of(house: House) -> Canaries:
    names = ("SECRET_KEY", "ENCRYPTION_KEYS", "HUBSPOT_CLIENT_SECRET")
    found = {name: CLOSED[name] for name in names}
    found |= {"REDIS_URL": REDIS_WORD, "SMTP_URL": SMTP_WORD, "METRICS_TOKEN": METRICS_WORD}
    with house.runtime.database.reading(EVERY_TENANT) as session:
        for row in session.query(Connection):
            for name, secret in open_secrets(house.runtime.sealer, row).items():
                if isinstance(secret, str) and name != "endpoint_id":
                    found[f"{row.provider}.{name}"] = secret
    return Canaries(found)


def echo(house: House, vendor: str, path: str, canaries: Canaries) -> None:
    """A vendor that repeats the secret it was given in its own error."""
    mine = [s for name, s in canaries.secrets.items() if name.startswith(f"{vendor}.")]
    said = f"You sent {' and '.join(mine)}"
    body = {"error": {"message": said}, "message": said, "category": "VALIDATION_ERROR"}
    house.fail(vendor, path=path, status=400, body=body)


def play(house: House, canaries: Canaries) -> None:
    """Sent, accepted, paid, told; each vendor fails in between, and two bugs crash."""
    hear, stranger = canaries.hear, house.app.test_client()
    house.fail("hubspot", path="/crm/*", status=500, times=1)
    hear(house.card("/deals/5101?lang=fr&check=again"))
    assert house.click("5101").status_code == 202
    echo(house, "stripe", "/v1/*", canaries)
    house.settle()
    house.click("5101")
    house.settle()
    house.fail("mail", method="DATA", status=550)
    house.retry()
    stranger.environ_base["HTTP_ORIGIN"] = house.runtime.settings.public_url
    proposal = house.proposal("5101")
    if proposal.status != "sent":
        house.click("5101")
        house.retry()
        proposal = house.proposal("5101")
    canaries.secrets["link"] = token_of(proposal)
    at = f"/p/{canaries.secrets['link']}"
    page = read(stranger, at)
    answer = house.work_meanwhile(lambda: press(stranger, page, "/accept", {"method": "card"}))
    assert answer.status_code == 303
    house.settle()
    purchase = house.read(lambda session: session.query(type(house.purchase(1))).one())
    canaries.secrets["return link"] = return_token_of(purchase)
    house.fail("slack", path="/api/chat.postMessage", garbled=True)
    echo(house, "slack", "/api/*", canaries)
    house.enter(purchase)
    house.settle()
    house.retry()


def crash(house: House, canaries: Canaries) -> None:
    """No mail server takes our password; and a bug in a view: a secret has another shape."""
    smtp = house.runtime.settings.smtp_url.replace("smtp://", f"smtp://propale:{SMTP_WORD}@")
    set_on(house, smtp_url=Secret(smtp), metrics_token=Secret(METRICS_WORD))
    house.again("email.proposal_sent")
    client = signed_in(house)
    token = client.get_cookie("propale", domain="localhost")
    assert token
    canaries.secrets["session"] = token.value
    for page in ("/connections", "/sign-in/nobody", "/healthz", "/readyz", "/nothing"):
        canaries.hear(client.get(page))
    bearer = {"Authorization": f"Bearer {METRICS_WORD}"}
    metrics = canaries.hear(house.app.test_client().get("/metrics", headers=bearer))
    assert metrics.status_code == 200
    url = str(house.card("/sign-in?lang=fr", {}).get_json()["url"])
    canaries.secrets["one-time link"] = url.rpartition("/")[2]
    house.app.test_client().get(f"/sign-in/{canaries.secrets['one-time link']}")
    with house.runtime.database.writing(EVERY_TENANT) as session:
        for row in session.query(Connection):
            held = open_secrets(house.runtime.sealer, row)
            store_secrets(house.runtime.sealer, row, {"before": held})
    canaries.hear(house.card("/deals/5102?lang=fr&check=again"))
    canaries.hear(send(house, Call(deal("5102"), secret="another")))
    client.post("/connections/stripe", data={"key": canaries.secrets["stripe.key"]})


def test_no_secret_is_heard_anywhere(talking: House, log: StringIO) -> None:
    canaries = canaries_of(talking)
    play(talking, canaries)
    with talking.runtime.database.reading(EVERY_TENANT) as session:
        kinds = {row.kind for row in session.query(Message).filter(Message.status == "done")}
    crash(talking, canaries)

    mails = [
        str(mail)
        for mail in talking.mails()
        if canaries.secrets["link"] not in (mail["text"] or "")  # the customer's own
    ]
    assert {"email.proposal_sent", "stripe.open_page", "slack.accepted"} <= kinds
    assert "Traceback" in log.getvalue()
    assert len(canaries.secrets) >= 14
    assert canaries.heard_in(log.getvalue()) == set()
    assert canaries.heard_in("\n".join(canaries.answers)) == set()
    assert canaries.heard_in(str(contents(talking.runtime.database))) == set()
    assert canaries.heard_in("\n".join(mails)) == set()
