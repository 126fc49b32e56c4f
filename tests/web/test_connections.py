"""The connections page: green only after the vendor said so, one sentence when it did not."""

from datetime import timedelta

import pytest

from app.models import Connection, PortalStage, Tenant
from app.providers.hubspot import authorize
from sandbox.stripe.accounts import switch
from tests.support.house import FIRST, House
from tests.web.browsing import post_form, signed_in, words


def disconnected(house: House, provider: str) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.delete(session.get_one(Connection, house.connection(provider).id))


def test_page_shows_what_is_connected(house: House) -> None:
    page = signed_in(house).get("/connections")

    shown = words(page)
    assert page.status_code == 200
    assert "Maison du Sandbox" in shown
    assert "ventes" in shown
    assert FIRST.stripe_key not in page.text
    assert FIRST.slack_token not in page.text
    assert "whsec" not in page.text


def test_page_says_how_the_card_comes_onto_deals(house: House) -> None:
    assert "Personnalisation de la fiche" in words(signed_in(house).get("/connections"))


def forget_stages(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(PortalStage).delete()


def test_stages_are_read_again_when_asked(house: House) -> None:
    forget_stages(house)
    client = signed_in(house)

    answer = post_form(client, "/connections/stages")
    asked = house.sandbox.world.journal.entries()
    house.settle()

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections?saved=stages")
    assert asked == []
    assert "telles que lues le" in words(client.get("/connections"))


@pytest.mark.parametrize(("hours", "readings"), [(23, 0), (25, 1)])
def test_stages_of_yesterday_are_read_again(house: House, hours: int, readings: int) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        for stage in session.query(PortalStage):
            stage.read_at -= timedelta(hours=hours)
    client = signed_in(house)

    for _ in range(2):
        client.get("/connections")
        house.settle()

    assert house.calls("hubspot") == ["GET /crm/pipelines/2026-09/deals"] * readings


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("stripe", {"key": FIRST.stripe_key}),
        ("slack", {"token": FIRST.slack_token}),
        ("slack/channel", {"channel": "#ventes"}),
        ("slack/channels", {}),
        ("stages", {}),
    ],
)
@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
def test_form_without_our_token_is_403(
    house: House, section: str, fields: dict[str, str], token: str | None
) -> None:
    data = fields if token is None else {**fields, "csrf_token": token}

    answer = signed_in(house).post(f"/connections/{section}", data=data)

    assert answer.status_code == 403
    assert house.sandbox.world.journal.entries() == []


@pytest.mark.parametrize("section", ["stripe", "slack"])
def test_answer_to_a_form_is_shown_where_it_was_sent(house: House, section: str) -> None:
    page = signed_in(house).get("/connections").text

    assert f'action="/connections/{section}#{section}"' in page
    assert f'id="{section}"' in page


def test_token_of_another_session_is_403(house: House) -> None:
    mine, theirs = signed_in(house), signed_in(house)
    page = theirs.get("/connections").text
    token = page.partition('name="csrf_token" value="')[2][:64]

    answer = mine.post("/connections/stripe", data={"csrf_token": token, "key": "x"})

    assert answer.status_code == 403


@pytest.mark.parametrize(("language", "word"), [("fr", "trop ancien"), ("en-GB", "too old")])
def test_stale_form_is_said_in_the_browsers_language(
    house: House, language: str, word: str
) -> None:
    answer = signed_in(house).post("/connections/stages", headers={"Accept-Language": language})

    assert answer.status_code == 403
    assert word in words(answer)


def test_right_stripe_key_connects(house: House) -> None:
    disconnected(house, "stripe")

    answer = post_form(signed_in(house), "/connections/stripe", key=f" {FIRST.stripe_key} ")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections?saved=stripe")
    row = house.connection("stripe")
    assert (row.status, row.account_id, row.livemode) == ("connected", FIRST.stripe, False)
    endpoint = house.stripe("webhook_endpoint")[-1]
    assert endpoint["url"] == f"http://propale.test/webhooks/stripe/{row.public_id}"
    assert "invoice.paid" in endpoint["enabled_events"]


def test_connecting_again_leaves_one_endpoint(house: House) -> None:
    post_form(signed_in(house), "/connections/stripe", key=FIRST.stripe_key)

    assert len(house.stripe("webhook_endpoint")) == 1
    assert house.buy("5101").status == "paid"


@pytest.mark.parametrize("key", ["", "rk_test_wrong", "pk_test_x", "é", "rk test", "x\ny"])
def test_wrong_stripe_key_is_one_sentence(house: House, key: str) -> None:
    before = house.connection("stripe").sealed

    answer = post_form(signed_in(house), "/connections/stripe", key=key)

    assert answer.status_code == 422
    assert "Stripe n’a pas été connecté" in words(answer)
    assert house.connection("stripe").sealed == before
    assert house.connection("stripe").status == "connected"


def test_stripe_away_is_one_sentence(house: House) -> None:
    house.fail("stripe", method="GET", path="/v1/account", status=503)

    answer = post_form(signed_in(house), "/connections/stripe", key=FIRST.stripe_key)

    assert answer.status_code == 422


def test_each_try_to_connect_has_a_key_of_its_own(house: House) -> None:
    client = signed_in(house)
    disconnected(house, "stripe")
    house.fail("stripe", method="POST", path="/v1/webhook_endpoints", cut="after")
    house.forget_calls()

    answers = [post_form(client, "/connections/stripe", key=FIRST.stripe_key) for _ in range(2)]

    made = [e for e in house.sandbox.world.journal.entries("stripe") if e["method"] == "POST"]
    keys = {e["headers"]["Idempotency-Key"] for e in made if e["path"].endswith("endpoints")}
    assert [answer.status_code for answer in answers] == [422, 303]
    assert len(keys) == 2


def test_account_without_methods_is_refused(house: House) -> None:
    switch(house.books(), set())

    answer = post_form(signed_in(house), "/connections/stripe", key=FIRST.stripe_key)

    assert answer.status_code == 422
    assert "Aucun moyen de paiement" in words(answer)


def test_test_key_for_a_real_portal_is_said_in_the_card(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Tenant, house.tenant_id).test_account = False

    view = house.view("5101")

    assert [problem["code"] for problem in view["problems"]] == ["modes_mixed"]


def test_reconnect_needed_is_shown_with_a_way_on(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        for name in ("hubspot", "stripe"):
            row = session.get_one(Connection, house.connection(name).id)
            row.status, row.problem = "reconnect_needed", "The grant is no longer valid."

    page = signed_in(house).get("/connections")

    assert 'href="/install"' in page.text
    assert "Reconnecter Stripe" in words(page)
    assert "Remplacer la connexion Slack" in words(page)
    assert 'action="/connections/stages"' not in page.text


def test_portal_that_turned_us_away_is_not_asked_for_stages(house: House) -> None:
    forget_stages(house)
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Connection, house.connection("hubspot").id).status = "reconnect_needed"

    signed_in(house).get("/connections")

    assert house.messages("hubspot.read_stages", "pending") == []


@pytest.mark.parametrize("section", ["stripe", "slack", "<script>", ""])
def test_saved_word_is_ours_or_nothing(house: House, section: str) -> None:
    page = signed_in(house).get("/connections", query_string={"saved": section})

    assert page.status_code == 200
    assert "<script>" not in page.text


def test_permission_to_grant_is_shown_with_a_way_on(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        row = session.get_one(Connection, house.connection("hubspot").id)
        row.details = {"scopes": [scope for scope in authorize.SCOPES if scope != "tax_rates.read"]}

    page = signed_in(house).get("/connections")

    assert "une permission de plus dans HubSpot (tax_rates.read)" in words(page)
    assert '<a class="link" href="/install">Accorder les permissions dans HubSpot</a>' in page.text


def test_hubspot_is_left_by_an_owner_who_is_sure(house: House) -> None:
    client = signed_in(house)

    answer = post_form(client, "/connections/hubspot/disconnect", sure="yes")

    assert answer.status_code == 303
    assert house.connection("hubspot").status == "leaving"
    assert "se désinstalle de HubSpot" in words(client.get("/connections"))


def test_hubspot_is_not_left_without_the_box_ticked(house: House) -> None:
    answer = post_form(signed_in(house), "/connections/hubspot/disconnect")

    assert answer.status_code == 422
    assert "Cochez la case" in words(answer)
    assert house.connection("hubspot").status == "connected"


def test_hubspot_that_was_left_can_be_installed_again(house: House) -> None:
    client = signed_in(house)
    post_form(client, "/connections/hubspot/disconnect", sure="yes")
    house.settle()

    page = client.get("/connections")

    assert "HubSpot Déconnecté" in words(page)
    assert '<a class="link" href="/install">Connecter HubSpot</a>' in page.text


def test_day_of_erasure_is_shown_to_a_tenant_that_left(house: House) -> None:
    client = signed_in(house)
    post_form(client, "/connections/hubspot/disconnect", sure="yes")
    house.settle()
    house.pass_time(seconds=1)

    assert "vos données seront effacées le" in words(client.get("/connections"))
