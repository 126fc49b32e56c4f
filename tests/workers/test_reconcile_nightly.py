"""The nightly reconciliation: repairs, tells the owner once, waits as any message does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import Message, Tenant
from sandbox.stripe import keys
from tests.support.lost import webhooks_lost

if TYPE_CHECKING:
    from tests.support.house import House

OWNER = "bonjour@maison.example"


def tonight(house: House) -> None:
    """The night is planned by a sweep before it, and comes."""
    house.pass_time(minutes=1)
    house.pass_time(days=1)


def twin(house: House, name: str) -> None:
    """A second subscription with the same marks."""
    made = {**house.stripe("subscription")[-1], "id": name}
    with house.sandbox.world.store.lock:
        house.books().save(made)


def statuses(house: House) -> list[tuple[str, str]]:
    found = [*house.messages("hubspot.reconcile"), *house.messages("stripe.reconcile")]
    return [(message.kind, message.status) for message in found]


def test_lost_payment_is_found_in_the_night(house: House) -> None:
    purchase = house.accepted("5101")
    with webhooks_lost(house):
        house.enter(purchase)

    tonight(house)

    assert house.purchase(purchase.id).status == "paid"
    assert statuses(house) == [("hubspot.reconcile", "done"), ("stripe.reconcile", "done")]
    assert house.read(lambda session: session.get_one(Tenant, house.tenant_id)).reconciled_at


def test_what_a_person_must_mend_is_mailed_once(house: House) -> None:
    house.bought("5101")
    twin(house, "sub_twin")

    tonight(house)
    tonight(house)

    (mail,) = house.mails(OWNER)
    assert mail["subject"] == "À regarder dans Stripe ou HubSpot : 1"
    text = " ".join(mail["text"].split())
    assert "P-2026-0001, Atelier Martin, 540,00 EUR, puis 540,00 EUR par mois" in text
    assert "il peut être prélevé deux fois" in text
    assert "s’il est de trop, annulez-le dans Stripe et remboursez ce qu’il a prélevé." in text
    assert "/stripe/dashboard/test/subscriptions/sub_twin" in text
    assert f"serveur : ./propale reconcile --tenant {house.account.portal}" in text


def test_message_given_up_is_mailed_with_what_to_do(house: House) -> None:
    proposal = house.sent("5101")
    house.fail("slack", path="/api/chat.postMessage", status=400)
    house.accept(proposal)
    (dead,) = house.messages("", "dead")

    tonight(house)

    text = " ".join(house.mails(OWNER)[-1]["text"].split())
    assert "Proposition P-2026-0001, Atelier Martin" in text
    assert "n’est plus essayé : l’annonce de l’acceptation dans Slack" in text
    assert f"Ouvrir la transaction : {house.runtime.settings.hubspot_app_base}/contacts/" in text
    assert "slack.accepted" not in text
    commands = text.partition("Pour la personne qui gère le serveur")[2]
    assert f'./propale messages drop {dead.id} --because "..."' in commands


def test_new_difference_is_mailed_without_the_old(house: House) -> None:
    house.bought("5101")
    twin(house, "sub_twin")
    tonight(house)

    twin(house, "sub_triplet")
    tonight(house)

    newest = house.mails(OWNER)[-1]["text"]
    assert "sub_triplet" in newest
    assert "sub_twin" not in newest


def test_many_differences_are_a_few_and_a_number(house: House) -> None:
    house.bought("5101")
    for number in range(8):
        twin(house, f"sub_twin{number}")

    tonight(house)

    assert house.mails(OWNER)[-1]["text"].count("l’autre (sub_twin") == 5
    assert "Il y en a 3 de plus" in house.mails(OWNER)[-1]["text"]


def test_house_in_step_is_told_nothing(house: House) -> None:
    house.bought("5101")

    tonight(house)

    assert house.mails(OWNER) == []


def test_worked_again_it_tells_nobody_twice(house: House) -> None:
    house.bought("5101")
    twin(house, "sub_twin")
    tonight(house)

    house.again("stripe.reconcile")

    assert len(house.mails(OWNER)) == 1


@pytest.mark.parametrize(("vendor", "path"), [("stripe", "/v1/events"), ("hubspot", "")])
def test_vendor_that_does_not_answer_is_asked_later(house: House, vendor: str, path: str) -> None:
    house.bought("5101")
    house.fail(vendor, path=path or "/crm/objects/2026-09/deals/batch/read", status=503)

    tonight(house)
    assert house.message(f"{vendor}.reconcile").status == "pending"

    house.retry()
    assert {status for _, status in statuses(house)} == {"done"}


def test_stripe_that_refuses_us_asks_the_owner_to_connect_again(house: House) -> None:
    house.bought("5101")
    house.fail("stripe", path="/v1/events", status=401)

    tonight(house)

    assert house.connection("stripe").status == "reconnect_needed"
    assert statuses(house) == [("hubspot.reconcile", "done"), ("stripe.reconcile", "pending")]


def test_key_that_may_not_list_events_still_bills(house: House) -> None:
    may = ["checkout_session_write", "customer_write", "invoice_write", "subscription_write"]
    keys.grant(house.sandbox.world, house.account.stripe_key, house.account.stripe, may)

    tonight(house)
    tonight(house)

    assert house.connection("stripe").status == "connected"
    (mail,) = house.mails(OWNER)
    assert "event_read" in mail["text"]
    assert house.read(lambda s: s.get_one(Tenant, house.tenant_id)).reconciled_at is None


def test_difference_that_comes_back_is_told_again(house: House) -> None:
    house.bought("5101")
    twin(house, "sub_twin")
    tonight(house)
    with house.sandbox.world.store.lock:
        house.books().table("subscription").pop("sub_twin")
    tonight(house)

    twin(house, "sub_twin")
    tonight(house)

    assert len([m for m in house.mails(OWNER) if "sub_twin" in m["text"]]) == 2


def test_difference_of_a_book_that_was_not_read_is_not_forgotten(house: House) -> None:
    house.bought("5101")
    twin(house, "sub_twin")
    tonight(house)
    house.fail("stripe", path="/v1/events", status=400)
    tonight(house)
    tonight(house)

    assert len([m for m in house.mails(OWNER) if "sub_twin" in m["text"]]) == 1


LISTS = {"stripe": "/v1/subscriptions", "hubspot": "/crm/objects/2026-09/deals/batch/read"}


@pytest.mark.parametrize(("vendor", "name"), [("stripe", "Stripe"), ("hubspot", "HubSpot")])
def test_book_refused_for_good_is_told_once(house: House, vendor: str, name: str) -> None:
    house.bought("5101")
    for _ in range(2):
        house.fail(vendor, path=LISTS[vendor], status=400)
        tonight(house)

    (mail,) = house.mails(OWNER)
    assert f"{name} a refusé la demande" in mail["text"]
    assert house.messages(status="dead") == []


def test_dead_letters_are_told_though_hubspot_refuses_its_book(house: House) -> None:
    house.fail("mail", method="RCPT", status=550, body="No such user here")
    house.send("5101")
    house.fail("hubspot", path=LISTS["hubspot"], status=400)

    tonight(house)

    assert "l’e-mail de la proposition au client" in house.mails(OWNER)[-1]["text"]


def test_reconciliations_given_up_are_one_letter_and_one_mail(house: House) -> None:
    house.bought("5101")
    for _ in range(2):
        house.fail("stripe", path=LISTS["stripe"], status=503)
        tonight(house)
        with house.runtime.database.writing(EVERY_TENANT) as session:
            long_ago = wall_now() - timedelta(days=1)
            session.execute(update(Message).values(failing_since=long_ago))
        house.fail("stripe", path=LISTS["stripe"], status=503)
        house.retry()

    assert [m.kind for m in house.messages(status="dead")] == ["stripe.reconcile"]
    (mail,) = house.mails(OWNER)
    assert "Stripe n’a pas pu répondre" in mail["text"]

    tonight(house)

    assert house.messages(status="dead") == []
