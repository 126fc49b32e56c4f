"""What people, vendors and time do to a deal: the acts that stories are made of."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import requests
from sqlalchemy import select

from app.accounts.leave_slack import leave_slack
from app.accounts.leaving import leave_hubspot
from app.accounts.notices import IN_SLACK
from app.accounts.preferences.sections import save_section
from app.audit import US
from app.billing.purchases import ask_for_invoice, ask_for_page, see_waiting
from app.errors import ConflictError
from app.models import Proposal, Purchase
from app.proposals.close import decline_proposal
from sandbox.hubspot import schema, tokens
from sandbox.stripe import subscriptions
from tests.faults.stage import Request, Stage
from tests.support.house import House
from tests.web.browsing import approve
from workers.sweep import add_due_subjects

Outside = Callable[[Stage], None]


def nothing_outside(_stage: Stage) -> None:
    """All that happens is what the product is asked for."""


@dataclass(frozen=True)
class Act:
    """`outside` happens first, at the vendors or on the clock; then the product is asked."""

    name: str
    asked: tuple[Request, ...] = ()
    outside: Outside = nothing_outside


# The rep.


def look_at(deal: str) -> Request:
    return Request("look", lambda house: house.card(f"/deals/{deal}?lang=fr").status_code == 200)


def click_on(deal: str, recipient: str | None = None) -> Request:
    """Press the button; the same press again carries the same id."""

    def press(house: House) -> bool:
        shown = house.card(f"/deals/{deal}?lang=fr")
        if shown.status_code != 200:
            return False
        offers = shown.get_json()["offers"]
        chosen = [o for o in offers if recipient in (None, o["recipient"]["contactId"])]
        if not chosen:
            return True  # an earlier press arrived: the card offers no button any more
        body = {
            "requestId": str(uuid.uuid5(uuid.NAMESPACE_URL, deal)),
            "recipientContactId": chosen[0]["recipient"]["contactId"],
            "shown": chosen[0]["shown"],
        }
        return house.card(f"/deals/{deal}/proposals?lang=fr", body).status_code in (202, 409)

    return Request("click", press)


def withdraw(house: House) -> bool:
    proposal = house.proposal("5101")
    answer = house.card("/deals/5101/withdraw?lang=fr", {"proposalId": proposal.public_id})
    return answer.status_code in (200, 204, 409)


# The customer.


def newest(house: House) -> Proposal:
    newest_first = select(Proposal).order_by(Proposal.id.desc()).limit(1)
    return house.read(lambda session: session.scalars(newest_first).one())


def money(house: House) -> Purchase:
    newest_first = select(Purchase).order_by(Purchase.id.desc()).limit(1)
    return house.read(lambda session: session.scalars(newest_first).one())


def accept_by(method: str) -> Request:
    def choose(house: House) -> bool:
        try:
            house.choose(newest(house), method)
        except ConflictError as conflict:
            return conflict.code == "accepted"  # her first click had arrived
        return True

    return Request("accept", choose)


def decline(house: House) -> bool:
    seen = newest(house)
    try:
        with house.runtime.database.writing(house.tenant_id) as session:
            proposal = session.get_one(Proposal, seen.id)
            now = house.runtime.clock.now()
            decline_proposal(session, proposal, version=1, reason="Trop cher", now=now)
    except ConflictError as conflict:
        return conflict.code == "declined"
    return True


def ask_again(house: House) -> bool:
    with house.runtime.database.writing(house.tenant_id) as session:
        purchase = session.get_one(Purchase, money(house).id)
        ask_for_page(session, purchase, "card", house.runtime.clock.now())
    return True


def come_back(house: House) -> bool:
    with house.runtime.database.writing(house.tenant_id) as session:
        see_waiting(session, session.get_one(Purchase, money(house).id))
    return True


def open_invoice(house: House) -> bool:
    with house.runtime.database.writing(house.tenant_id) as session:
        ask_for_invoice(session, session.get_one(Purchase, money(house).id))
    return True


def enter(choice: str) -> Outside:
    return lambda stage: stage.house.enter(money(stage.house), choice)


def confirm(stage: Stage) -> None:
    """She says yes on her bank's page."""
    intent = stage.house.stripe("payment_intent")[-1]
    url = f"{stage.house.runtime.settings.stripe_api_base}/3ds/{intent['id']}"
    assert requests.post(url, data={"answer": "confirm"}, timeout=5).ok


# The seller, time and the vendors.


def give_balance(stage: Stage) -> None:
    books = stage.house.books()
    customer = books.get("customer", money(stage.house).stripe_customer_id)
    books.save({**customer, "balance": -1000})


def take_balance(stage: Stage) -> None:
    books = stage.house.books()
    customer = books.get("customer", money(stage.house).stripe_customer_id)
    books.save({**customer, "balance": 0})


def cancel(stage: Stage) -> None:
    """The seller ends the subscription in Stripe's dashboard."""
    books = stage.house.books()
    with stage.house.sandbox.world.store.lock:
        subscriptions.end(books, books.rows("subscription")[-1], "canceled")


def old_token(stage: Stage) -> None:
    """HubSpot's access token ends earlier than it was said to."""
    tokens.expire(stage.house.sandbox.world, str(stage.house.account.portal))


def uninstall(stage: Stage) -> None:
    """The portal's admin takes our grant back."""
    tokens.uninstall(stage.house.sandbox.world, str(stage.house.account.portal))


def remove_properties(stage: Stage) -> None:
    """The portal's admin takes our grant back and deletes the properties we made."""
    uninstall(stage)
    world, portal = stage.house.sandbox.world, str(stage.house.account.portal)
    schema.created(world, portal, "deals").clear()


def install_again(house: House) -> bool:
    client = house.app.test_client()
    there = client.get("/install").headers["Location"]
    return client.get(approve(house, there)).status_code == 303


def twin_customer(stage: Stage) -> None:
    """Somebody copied the buyer's customer in Stripe; a person must say which one is right."""
    books = stage.house.books()
    with stage.house.sandbox.world.store.lock:
        books.save({**books.rows("customer")[0], "id": "cus_twin"})


def an_hour(stage: Stage) -> None:
    stage.pass_wall_time(timedelta(hours=1))


def sweep(house: House) -> bool:
    add_due_subjects(house.runtime)
    return True


def later(**step: float) -> Act:
    """Business time moves on both sides, and the sweep looks."""

    def move(stage: Stage) -> None:
        stage.house.sandbox.world.clock.advance(timedelta(**step))

    name = " ".join(f"{value:g} {unit}" for unit, value in step.items())
    return Act(f"{name} later", (Request("sweep", sweep),), move)


def entered(choice: str) -> Act:
    return Act(f"enter {choice}", (), enter(choice))


def tell_team_all(stage: Stage) -> None:
    """Her preferences: the team in Slack hears of every event."""
    house = stage.house
    told = {f"told.{event}.{who}": "on" for event in IN_SLACK for who in ("rep", "slack")}
    save_section(house.runtime.database, house.tenant_id, "told", told, "fr", who=US)


def keep_a_month(stage: Stage) -> None:
    """Her preferences: data stays as short as it may, so that its end is announced at once."""
    house = stage.house
    typed = {"retention_days": "30"}
    save_section(house.runtime.database, house.tenant_id, "data", typed, "fr", who=US)


def leave(house: House) -> bool:
    leave_hubspot(house.runtime.database, house.tenant_id, US, "fr", sure=True)
    return True


def leave_team(house: House) -> bool:
    leave_slack(house.runtime.database, house.tenant_id, US)
    return True


def lessen_grant(stage: Stage) -> None:
    """The portal granted fewer scopes than we ask for by now, and its token is over."""
    world = stage.house.sandbox.world
    for table in (tokens.access_tokens(world), tokens.refresh_tokens(world)):
        for token, grant in table.items():
            scopes = [scope for scope in grant["scopes"] if scope != "tax_rates.read"]
            table[token] = {**grant, "scopes": scopes}
    old_token(stage)


SEND = Act("send", (look_at("5101"), click_on("5101")))
SEND_ONCE = Act("send", (click_on("5102"),))
SEND_MIXED = Act("send", (click_on("5103", "1104"),))
CARD = Act("accept", (accept_by("card"),))
DEBIT = Act("accept", (accept_by("sepa_debit"),))
AGAIN = Act("ask again", (Request("again", ask_again),))
INSTALL = Request("install", install_again)
BACK = Request("return", come_back)
