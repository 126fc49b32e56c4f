"""Stripe's box: which key is taken, what it may do, and that no event is lost when it changes."""

from __future__ import annotations

import html
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from app.accounts import check_stripe, connect_stripe
from app.accounts.connections import open_secrets, store_secrets
from app.audit import list_entries
from app.models import Connection, Tenant
from app.web import webhooks
from sandbox.stripe import accounts, keys, webhook_endpoints
from sandbox.stripe.books import new_id
from tests.db.racing import Meeting, together
from tests.support.house import FIRST, OTHER, House
from tests.support.waiting import until
from tests.web.browsing import post_form, signed_in, words
from tests.web.webhook_calls import event, stored

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

ALL = [
    "accounts_kyc_basic_read", "checkout_session_write", "customer_write", "event_read",
    "invoice_write", "payment_intent_read", "payment_method_configuration_read",
    "payment_method_read", "product_write", "setup_intent_read", "subscription_write",
    "tax_rate_write", "webhook_write",
]  # fmt: skip
NEW_KEY = "rk_test_another0001"
UNPAYABLE = "Aucun des moyens de paiement choisis"


def without(house: House, *missing: str, key: str = FIRST.stripe_key) -> None:
    """A key of the account that may do all we need but this."""
    held = [permission for permission in ALL if permission not in missing]
    keys.grant(house.sandbox.world, key, FIRST.stripe, held)


def enter(house: House, key: str, **more: str) -> TestResponse:
    return post_form(signed_in(house), "/connections/stripe", key=key, **more)


def sealed_key(page: TestResponse) -> str:
    found = re.search(r'name="sealed_key" value="([^"]+)"', page.text)
    assert found
    return html.unescape(found[1])


def change(house: House, **values: object) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        row = session.get_one(Connection, house.connection("stripe").id)
        for name, value in values.items():
            setattr(row, name, value)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("sk_test_sandbox0001", "C’est une clé secrète complète"),
        ("pk_test_sandbox0001", "C’est une clé publiable"),
        ("rk_test_", "Une clé restreinte commence par"),
        ("rk_live_sandbox0001", "prenez une clé de test"),
    ],
)
def test_key_that_cannot_be_right_is_refused_by_sight(
    house: House, key: str, sentence: str
) -> None:
    answer = enter(house, key)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert house.calls("stripe") == []


def test_test_key_is_refused_for_a_real_portal(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Tenant, house.tenant_id).test_account = False

    answer = enter(house, FIRST.stripe_key)

    assert "prenez une clé du mode réel" in words(answer)


def test_refused_key_is_kept_but_never_shown(house: House) -> None:
    house.fail("stripe", method="GET", path="/v1/account", status=503)
    refused = enter(house, FIRST.stripe_key)

    again = enter(house, "", sealed_key=sealed_key(refused))

    assert FIRST.stripe_key not in refused.text
    assert (refused.status_code, again.status_code) == (422, 303)


def test_kept_key_of_another_tenant_opens_nothing(house: House, other_house: House) -> None:
    theirs = other_house.runtime.sealer.seal(
        other_house.tenant_id, "stripe.typed_key", OTHER.stripe_key
    )

    answer = enter(house, "", sealed_key=theirs)

    assert answer.status_code == 422
    assert house.calls("stripe") == []


def test_lesser_key_does_not_replace_one_that_works(house: House) -> None:
    without(house, "customer_write", "event_read", key=NEW_KEY)
    before = house.connection("stripe").sealed

    answer = enter(house, NEW_KEY)

    assert answer.status_code == 422
    assert "Customers (écriture), Events (lecture)" in words(answer)
    assert house.connection("stripe").sealed == before


def test_first_key_is_kept_and_says_what_it_lacks(house: House) -> None:
    change(house, status="pending", sealed="")
    without(house, "customer_write")

    answer = enter(house, FIRST.stripe_key)
    page = words(signed_in(house).get("/connections"))

    assert answer.status_code == 303
    assert house.connection("stripe").status == "reconnect_needed"
    assert "Il manque des droits à la clé de Stripe : Customers (écriture)" in page
    assert "Customers (écriture) : à cocher dans Stripe" in page
    assert "Invoices (écriture) : accordé" in page


def test_completed_key_counts_after_another_look(house: House) -> None:
    change(house, status="pending", sealed="")
    without(house, "customer_write")
    enter(house, FIRST.stripe_key)
    without(house)

    post_form(signed_in(house), "/connections/stripe/check")

    assert house.connection("stripe").status == "connected"
    assert house.connection("stripe").problem == ""


def test_key_without_events_bills_and_says_so(house: House) -> None:
    without(house, "event_read")

    post_form(signed_in(house), "/connections/stripe/check")

    row = house.connection("stripe")
    assert (row.status, row.details["lacking"]) == ("connected", {"event_read": "event_read"})
    assert "Events (lecture)" in row.problem


def switch(house: House, *methods: str) -> None:
    """What the account has switched on in Stripe's own settings."""
    with house.sandbox.world.store.lock:
        accounts.switch(house.books(), set(methods))


def look_again(house: House) -> TestResponse:
    return post_form(signed_in(house), "/connections/stripe/check")


def test_method_that_is_off_is_marked_in_the_preferences(house: House) -> None:
    before = signed_in(house).get("/preferences").text
    switch(house, "card")
    look_again(house)
    house.forget_calls()

    page = signed_in(house).get("/preferences")

    assert "n’est pas activé dans votre compte Stripe" not in before
    assert page.text.count("n’est pas activé dans votre compte Stripe") == 1
    assert page.text.index('name="method_sepa_debit"') < page.text.index("n’est pas activé")
    assert house.calls("stripe") == []
    assert UNPAYABLE not in words(signed_in(house).get("/connections"))


def test_key_says_at_once_which_methods_are_off(house: House) -> None:
    change(house, status="pending", sealed="", details={})
    switch(house, "sepa_debit")

    enter(house, FIRST.stripe_key)

    assert house.connection("stripe").details["methods"] == ["sepa_debit"]
    page = signed_in(house).get("/preferences").text
    assert page.index('name="method_card"') < page.index("n’est pas activé")
    assert page.index("n’est pas activé") < page.index('name="method_sepa_debit"')


def test_chosen_methods_that_are_all_off_are_said(house: House) -> None:
    client = signed_in(house)
    switch(house, "card")
    look_again(house)

    post_form(client, "/preferences/methods", method_sepa_debit="on")
    unpayable = words(client.get("/connections"))
    post_form(client, "/preferences/methods", method_sepa_debit="on", method_card="on")

    assert UNPAYABLE in unpayable
    assert UNPAYABLE not in words(client.get("/connections"))


def test_methods_stripe_was_not_asked_for_are_not_marked(house: House) -> None:
    change(house, details={"endpoint": "enabled"})
    without(house, "payment_method_configuration_read")

    look_again(house)

    assert "methods" not in house.connection("stripe").details
    assert "n’est pas activé" not in signed_in(house).get("/preferences").text
    assert UNPAYABLE not in words(signed_in(house).get("/connections"))


def test_first_key_that_may_not_ask_for_methods_is_kept(house: House) -> None:
    change(house, status="pending", sealed="")
    without(house, "payment_method_configuration_read")

    answer = enter(house, FIRST.stripe_key)

    assert answer.status_code == 303
    assert "Payment Method Configurations (lecture)" in house.connection("stripe").problem


@pytest.mark.parametrize("missing", ["accounts_kyc_basic_read", "webhook_write"])
def test_key_that_cannot_be_placed_is_never_kept(house: House, missing: str) -> None:
    change(house, status="pending", sealed="")
    without(house, missing)

    answer = enter(house, FIRST.stripe_key)

    assert answer.status_code == 422
    assert house.connection("stripe").sealed == ""


def test_look_ticks_all_that_is_left_without_webhooks(house: House) -> None:
    without(house, "webhook_write")

    answer = look_again(house)
    page = words(signed_in(house).get("/connections"))

    assert answer.status_code == 303
    assert "Webhook Endpoints (écriture) : à cocher dans Stripe" in page
    assert "Customers (écriture) : accordé" in page


@pytest.mark.parametrize(
    ("button", "said"),
    [("check", "La vérification n’a pas abouti."), ("endpoint", "n’est pas rétablie.")],
)
def test_stripe_away_does_not_read_as_not_connected(house: House, button: str, said: str) -> None:
    house.fail("stripe", status=503, times=20)

    answer = post_form(signed_in(house), f"/connections/stripe/{button}")

    assert f"{said} Stripe n" in words(answer)
    assert "Stripe n’a pas été connecté" not in words(answer)


@pytest.mark.parametrize("button", ["", "/check", "/endpoint"])
def test_key_that_nobody_can_open_is_pasted_again(house: House, button: str) -> None:
    change(house, sealed="nobody can open this")

    answer = post_form(signed_in(house), f"/connections/stripe{button}", key=FIRST.stripe_key)

    assert answer.status_code == (422 if button else 303)
    assert only_endpoint(house) if not button else "ne peut plus être ouverte" in words(answer)


def test_revoked_key_is_noticed_by_a_look(house: House) -> None:
    keys.expire(house.sandbox.world, FIRST.stripe_key)

    answer = post_form(signed_in(house), "/connections/stripe/check")

    assert "Stripe refuse cette clé" in words(answer)
    assert house.connection("stripe").status == "reconnect_needed"


def test_other_account_with_purchases_asks_first(house: House) -> None:
    house.bought("5101")
    asked = enter(house, OTHER.stripe_key)
    kept = house.connection("stripe").account_id

    answer = enter(house, "", sealed_key=sealed_key(asked), confirmed="on")

    assert "Cette clé ouvre un autre compte Stripe, Autre Maison" in words(asked)
    assert 'name="confirmed"' in asked.text
    assert (kept, answer.status_code) == (FIRST.stripe, 303)
    assert house.connection("stripe").account_id == OTHER.stripe


def test_other_account_without_purchases_is_taken(house: House) -> None:
    assert enter(house, OTHER.stripe_key).status_code == 303


def test_other_key_of_the_account_keeps_the_endpoint(house: House) -> None:
    without(house, key=NEW_KEY)
    before = house.endpoint()["id"]

    enter(house, NEW_KEY)

    assert [e["id"] for e in house.stripe("webhook_endpoint")] == [before]
    assert house.endpoint()["status"] == "enabled"
    assert house.post_event(event()).status_code == 200


def test_endpoints_with_our_address_are_not_doubled(house: House) -> None:
    ours, books = house.endpoint(), house.books()
    for url in (ours["url"], "http://elsewhere.test/"):
        books.save({**ours, "id": new_id("we_1"), "url": url})
        books.table("webhook_secret")[house.endpoint()["id"]] = {"secret": "whsec_x"}

    enter(house, FIRST.stripe_key)

    kept = [endpoint["url"] for endpoint in house.stripe("webhook_endpoint")]
    assert kept == [ours["url"], "http://elsewhere.test/"]


def test_endpoint_of_an_older_version_is_made_anew(house: House) -> None:
    old = house.endpoint()
    house.books().save({**old, "api_version": "2025-09-30.clover"})

    enter(house, FIRST.stripe_key)

    assert [e["id"] == old["id"] for e in house.stripe("webhook_endpoint")] == [False]


def silence(house: House, *, gone: bool) -> None:
    """The seller deletes or disables our endpoint in the dashboard."""
    if gone:
        webhook_endpoints.delete(house.books(), {}, house.endpoint()["id"])
    else:
        house.books().save({**house.endpoint(), "status": "disabled"})


@pytest.mark.parametrize(
    ("gone", "sentence"), [(False, "a été désactivée"), (True, "a été supprimée")]
)
def test_silent_endpoint_is_said_and_mended(house: House, gone: bool, sentence: str) -> None:
    silence(house, gone=gone)
    client = signed_in(house)

    post_form(client, "/connections/stripe/check")
    before = client.get("/connections")
    answer = post_form(client, "/connections/stripe/endpoint")

    assert sentence in words(before)
    assert "/connections/stripe/endpoint" in before.text
    assert answer.status_code == 303
    assert [e["status"] for e in house.stripe("webhook_endpoint")] == ["enabled"]
    assert house.connection("stripe").problem == ""
    assert "/connections/stripe/endpoint" not in client.get("/connections").text
    newest = house.read(list_entries)[0]
    assert newest.what == "stripe.endpoint_renewed"
    assert newest.after == {"endpoint": house.endpoint()["id"]}


@pytest.mark.parametrize("gone", [False, True])
def test_silent_endpoint_is_noticed_at_night(house: House, gone: bool) -> None:
    silence(house, gone=gone)
    house.hears = False
    house.pass_time(days=1)
    house.pass_time(days=1)

    page = signed_in(house).get("/connections")

    (mail,) = house.mails("bonjour@maison.example")
    assert "Stripe n’envoie plus ses événements" in " ".join(mail["text"].split())
    assert "/connections/stripe/endpoint" in page.text


def test_endpoint_that_sends_again_is_no_problem_any_more(house: House) -> None:
    endpoint = house.endpoint()
    silence(house, gone=False)
    house.pass_time(days=1)
    house.books().save(endpoint)

    house.pass_time(days=1)

    assert house.connection("stripe").problem == ""


def only_endpoint(house: House) -> bool:
    """Whether the account has one endpoint, which is the one whose secret we hold."""
    secrets = open_secrets(house.runtime.sealer, house.connection("stripe"))
    return [one["id"] for one in house.stripe("webhook_endpoint")] == [secrets["endpoint_id"]]


def at_once(house: House, path: str, *forms: dict[str, str]) -> list[int]:
    """Both forms are sent at the same instant, each from a window of its own."""
    windows = [(signed_in(house), form) for form in forms]
    sent = [partial(post_form, client, path, **form) for client, form in windows]
    return sorted(answer.status_code for answer in together(house.runtime.database, *sent))


@pytest.mark.parametrize(("second", "status"), [(FIRST.stripe_key, 303), (NEW_KEY, 422)])
def test_two_keys_at_once_leave_one_endpoint(
    house: House, monkeypatch: pytest.MonkeyPatch, second: str, status: int
) -> None:
    silence(house, gone=True)
    change(house, status="pending", sealed="")
    without(house, key=NEW_KEY)
    Meeting(monkeypatch).after(connect_stripe, "place_endpoint")

    answers = at_once(house, "/connections/stripe", {"key": FIRST.stripe_key}, {"key": second})

    assert answers == [303, status]
    assert only_endpoint(house)


def test_endpoint_mended_twice_at_once_is_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence(house, gone=True)
    Meeting(monkeypatch).after(check_stripe, "renew_endpoint")

    answers = at_once(house, "/connections/stripe/endpoint", {}, {})

    assert answers == [303, 303]
    assert only_endpoint(house)


def test_look_at_the_key_before_says_nothing_of_this_one(house: House) -> None:
    without(house, "event_read")
    without(house, key=NEW_KEY)
    house.fail("stripe", path="/v1/events/*", delay=0.6)
    looker, faults = signed_in(house), house.sandbox.world.faults

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(post_form, looker, "/connections/stripe/check")
        until(lambda: faults.listed() == [])
        enter(house, NEW_KEY)
        looking.result()

    assert house.connection("stripe").details["lacking"] == {}


def rotated(house: House) -> tuple[str, str]:
    """The secrets of the endpoint before and of the one in its place."""
    old = house.webhook_secret()
    post_form(signed_in(house), "/connections/stripe/endpoint")
    return old, house.webhook_secret()


def test_both_secrets_are_taken_while_the_old_may_deliver(house: House) -> None:
    secrets = rotated(house)

    answers = [house.post_event(event(), secret=secret).status_code for secret in secrets]
    alone = house.post_event(event(id="evt_2"), secret=secrets[0]).status_code
    third = house.post_event(event(id="evt_3"), secret="whsec_third").status_code

    assert (answers, alone, third) == ([200, 200], 200, 400)
    assert len(stored(house)) == 2


def test_old_secret_ends_after_three_days(house: House) -> None:
    old, new = rotated(house)
    row = house.connection("stripe")
    secrets = open_secrets(house.runtime.sealer, row)
    lasting = timedelta(seconds=secrets["old_until"] - time.time())
    store_secrets(house.runtime.sealer, row, {**secrets, "old_until": time.time() - 1})
    change(house, sealed=row.sealed)
    webhooks._doors.clear()

    answers = [house.post_event(event(), secret=secret).status_code for secret in (old, new)]

    assert answers == [400, 200]
    assert timedelta(days=2, hours=23) < lasting <= timedelta(days=3)


def test_box_says_account_mode_and_last_event(house: House) -> None:
    before = words(signed_in(house).get("/connections"))
    house.post_event(event())

    after = words(signed_in(house).get("/connections"))

    assert "Compte acct_sandbox0001, mode test, connecté depuis le" in before
    assert "Aucun événement récent" in before
    assert "Dernier événement reçu le" in after


def test_link_to_the_form_ticks_every_permission(house: House) -> None:
    page = html.unescape(signed_in(house).get("/connections").text)

    assert "/test/apikeys/create?name=Propale" in page
    assert all(f"=rak_{permission}" in page for permission in ALL)
