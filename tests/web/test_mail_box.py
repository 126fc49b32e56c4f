"""The box of outgoing mail: who writes, where replies go, and a test mail to oneself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask.testing import FlaskClient

from app.accounts.roles import Role
from app.models import MailTest, Preferences
from app.settings import Secret
from tests.support.house import House
from tests.web.browsing import post_form, signed_in, words
from tests.web.test_people import with_role
from workers.drain import Drain
from workers.handlers import HANDLERS

TEST, ME = "/connections/mail/test", "dana@maison.example"


def box(client: FlaskClient) -> str:
    """What a person reads in the box of mail, the last one on the page."""
    return words(client.get("/connections")).partition("Vos e-mails partent de")[2]


def a_minute_later(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        for row in session.query(MailTest):
            assert row.asked_at
            row.asked_at -= timedelta(seconds=61)


def test_box_says_who_writes_and_where_replies_go(house: House) -> None:
    shown = box(signed_in(house))

    assert shown.startswith(" Maison du Sandbox <propositions@propale.test>.")
    assert "sinon à bonjour@maison.example" in shown


def test_missing_reply_address_is_said(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Preferences, house.tenant_id).reply_to = ""

    assert "Aucune adresse de réponse n’est réglée" in box(signed_in(house))


def test_test_mail_goes_to_the_colleague_herself(house: House) -> None:
    client = signed_in(house)

    answer = post_form(client, TEST, to="victim@example.org")
    waiting = box(client)
    house.settle()

    [mail] = house.mails()
    assert answer.headers["Location"] == "/connections?saved=mail_test"
    assert f"L’e-mail d’essai à {ME} attend son tour" in waiting
    assert mail["to"] == [ME]
    assert mail["subject"] == "L’e-mail d’essai de Propale est arrivé"
    assert f"a pris l’e-mail d’essai à {ME}" in box(client)


def test_server_that_refuses_is_quoted(house: House) -> None:
    client = signed_in(house)
    house.fail("mail", method="RCPT", status=550, body="5.7.1 <b>Relaying</b> denied")
    post_form(client, TEST)

    house.settle()

    assert "« 550 5.7.1 <b>Relaying</b> denied »" in box(client)
    assert "n’est pas parti" in box(client)
    assert house.message("email.test").status == "dead"


def test_server_that_asks_to_come_again_is_quoted_meanwhile(house: House) -> None:
    client = signed_in(house)
    house.fail("mail", method="RCPT", status=451, body="4.7.1 Greylisted")
    post_form(client, TEST)
    house.settle()
    meanwhile = box(client)

    house.retry()

    assert "« 451 4.7.1 Greylisted »" in meanwhile
    assert "il est réessayé tout seul" in meanwhile
    assert "a pris l’e-mail d’essai" in box(client)
    assert len(house.mails()) == 1


def test_silent_server_is_said_plainly(house: House) -> None:
    client = signed_in(house)
    closed = replace(house.runtime.settings, smtp_url=Secret("smtp://127.0.0.1:9"))
    post_form(client, TEST)

    Drain(replace(house.runtime, settings=closed), HANDLERS).run()

    assert "le serveur de messagerie n’a pas répondu" in box(client)


def test_one_test_mail_a_minute(house: House) -> None:
    client = signed_in(house)
    post_form(client, TEST)

    hasty = post_form(client, TEST)
    a_minute_later(house)
    later = post_form(client, TEST)
    house.settle()

    assert hasty.status_code == 422
    assert "Un seul e-mail d’essai par minute" in words(hasty)
    assert later.status_code == 303
    assert len(house.mails()) == 1  # the first had not left yet, and the second took its place


def test_outcome_of_an_older_test_is_not_shown(house: House) -> None:
    client = signed_in(house)
    house.fail("mail", method="RCPT", status=451)
    post_form(client, TEST)
    house.drain.run()
    a_minute_later(house)

    post_form(client, TEST)

    assert "attend son tour" in box(client)


def test_missing_server_is_one_sentence(house: House) -> None:
    client = signed_in(house)
    page = client.get("/connections")
    none = replace(house.runtime.settings, smtp_url=Secret(""), mail_from="")
    house.app.extensions["propale"] = replace(house.runtime, settings=none)

    shown, asked = client.get("/connections"), post_form(client, TEST)

    assert "SMTP_URL" not in words(page)
    assert "doit renseigner SMTP_URL et MAIL_FROM" in words(shown)
    assert TEST not in shown.text
    assert asked.status_code == 422
    assert house.messages("email.test") == []


def test_every_colleague_may_mail_herself(house: House) -> None:
    answer = post_form(with_role(house, Role.READ_ONLY), TEST)

    assert answer.status_code == 303
