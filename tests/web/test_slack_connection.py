"""The box of Slack: a token, then a channel; green only after a message was read back there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import yaml
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts import choose_channel
from app.accounts.connections import open_secrets
from app.accounts.roles import Role
from app.models import AuditEntry, Connection, InstallState, Preferences, TeamChannel
from app.providers.slack.authorize import SCOPES
from app.settings import Secret
from sandbox.slack.teams import channels, demanded, revoke, tokens
from tests.db.racing import Meeting, together
from tests.support.house import FIRST, House
from tests.web.browsing import approve, post_form, signed_in, words
from tests.web.test_people import with_role

ROOT = Path(__file__).parents[2]

CHANNEL, TOKEN = "/connections/slack/channel", "/connections/slack"
ADD = "/oauth/slack/add"


def disconnect(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.delete(session.get_one(Connection, house.connection("slack").id))
        session.query(TeamChannel).delete()
    house.forget_calls()


def methods(house: House) -> list[str]:
    """Slack's methods that were called, without their arguments."""
    return [call.rpartition("/")[2].partition("?")[0] for call in house.calls("slack")]


def change(house: House, channel: str, **facts: Any) -> None:
    table = channels(house.sandbox.world, "T0SANDBOX")
    table[channel] = {**table[channel], **facts}


def test_token_then_channel_connect(house: House) -> None:
    disconnect(house)
    client = signed_in(house)

    first = post_form(client, TOKEN, token=f" {FIRST.slack_token} ")
    between = client.get("/connections")
    second = post_form(client, CHANNEL, channel="général")

    assert first.headers["Location"] == "/connections?saved=slack"
    assert "Canal à choisir" in words(between)
    assert second.headers["Location"] == "/connections?saved=slack_channel"
    assert methods(house) == [
        "auth.test",
        "conversations.list",
        "conversations.join",
        "chat.postMessage",
        "conversations.history",
    ]
    assert house.connection("slack").details["channel_id"] == "C0GENERAL"
    assert "Les messages partent dans #général" in words(client.get("/connections"))


def test_slack_is_disconnected_by_a_button(house: House) -> None:
    client = signed_in(house)

    asked = post_form(client, f"{TOKEN}/disconnect")
    between = words(client.get("/connections"))
    house.settle()
    after = client.get("/connections")

    assert asked.headers["Location"] == "/connections?saved=slack_disconnect"
    assert "Propale rend son jeton à Slack" in between
    assert house.connection("slack").sealed == ""
    assert f"{TOKEN}/disconnect" not in after.text
    assert ">Ajouter à Slack<" in after.text


def test_kept_channels_are_offered_and_nobody_is_called(house: House) -> None:
    change(house, "C0DIRECTION", is_member=True)
    client = signed_in(house)
    post_form(client, "/connections/slack/channels")
    house.settle()
    house.forget_calls()

    page = client.get("/connections")

    assert '<option value="#ventes"></option>' in page.text
    assert '<option value="#direction">privé</option>' in page.text
    assert "anciens-projets" not in page.text
    assert methods(house) == []


def test_channel_of_the_list_is_found_without_listing(house: House) -> None:
    answer = post_form(signed_in(house), CHANNEL, channel="#général")

    assert answer.status_code == 303
    assert "conversations.list" not in methods(house)


@pytest.mark.parametrize(("minutes", "readings"), [(45, 0), (61, 1)])
def test_channels_of_an_hour_ago_are_read_again(house: House, minutes: int, readings: int) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        for row in session.query(TeamChannel):
            row.read_at -= timedelta(minutes=minutes)
    client = signed_in(house)

    for _ in range(2):
        client.get("/connections")
        house.settle()

    assert methods(house).count("conversations.list") == readings


def test_private_channel_needs_an_invitation_first(house: House) -> None:
    client = signed_in(house)

    refused = post_form(client, CHANNEL, channel="#direction")
    change(house, "C0DIRECTION", is_member=True)
    taken = post_form(client, CHANNEL, channel="#direction")

    assert refused.status_code == 422
    assert "/invite @Propale" in words(refused)
    assert 'value="#direction"' in refused.text
    assert taken.status_code == 303
    assert house.connection("slack").details["channel_name"] == "direction"


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        ("#nulle-part", "Ce canal n’existe pas"),
        ("", "Ce canal n’existe pas"),
        ("#anciens-projets", "Le canal #anciens-projets est archivé"),
    ],
)
def test_wrong_channel_is_one_sentence(house: House, channel: str, sentence: str) -> None:
    answer = post_form(signed_in(house), CHANNEL, channel=channel)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert house.connection("slack").details["channel_name"] == "ventes"


@pytest.mark.parametrize("member", [False, True])
def test_archived_channel_is_refused_before_anything_is_posted(house: House, member: bool) -> None:
    change(house, "C0ANCIENS", is_member=member)
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Preferences, house.tenant_id).language = "en"

    answer = post_form(signed_in(house), CHANNEL, channel="#anciens-projets")

    assert answer.status_code == 422
    assert "The channel #anciens-projets is archived" in words(answer)
    assert "chat.postMessage" not in methods(house)


@pytest.mark.parametrize(("second", "status"), [("#général", 303), ("#ventes", 422)])
def test_second_of_two_choices_at_once_is_refused_if_another(
    house: House, monkeypatch: pytest.MonkeyPatch, second: str, status: int
) -> None:
    Meeting(monkeypatch).after(choose_channel, "prove")
    windows = [(signed_in(house), name) for name in ("#général", second)]
    sent = [partial(post_form, client, CHANNEL, channel=name) for client, name in windows]

    answers = together(house.runtime.database, *sent)

    assert sorted(answer.status_code for answer in answers) == [303, status]


def test_channel_without_a_token_is_one_sentence(house: House) -> None:
    client = signed_in(house)
    disconnect(house)

    answer = post_form(client, CHANNEL, channel="#ventes")

    assert answer.status_code == 422
    assert "Connectez d’abord Slack" in words(answer)


@pytest.mark.parametrize("token", ["", "xoxb-wrong", "xoxb-€", "xoxb a\nb"])
def test_wrong_token_is_one_sentence_and_kept_to_try_again(house: House, token: str) -> None:
    before = house.connection("slack").sealed

    answer = post_form(signed_in(house), TOKEN, token=token)

    assert answer.status_code == 422
    assert "Slack n’a pas été connecté" in words(answer)
    assert house.connection("slack").sealed == before
    assert ('name="sealed_token"' in answer.text) is bool(token)
    assert not token or token not in answer.text


def test_slack_away_does_not_read_as_not_connected(house: House) -> None:
    house.fail("slack", status=503, times=9)

    answer = post_form(signed_in(house), CHANNEL, channel="#ventes")

    assert "Ce canal n’a pas pu être essayé. Slack ne répond pas" in words(answer)


def test_kept_token_is_tried_again(house: House) -> None:
    client = signed_in(house)
    disconnect(house)
    house.fail("slack", path="/api/auth.test", status=503)
    refused = post_form(client, TOKEN, token=FIRST.slack_token)
    kept = refused.text.partition('name="sealed_token" value="')[2].partition('"')[0]

    answer = post_form(client, TOKEN, sealed_token=kept)

    assert refused.status_code == 422
    assert answer.status_code == 303


def test_missing_scopes_are_all_named_at_once(house: House) -> None:
    kept = sorted(SCOPES - {"groups:read", "channels:join"})
    tokens(house.sandbox.world)["xoxb-less"] = {"team": "T0SANDBOX", "scopes": kept}

    answer = post_form(signed_in(house), TOKEN, token="xoxb-less")

    assert answer.status_code == 422
    assert "Il manque des droits au bot : channels:join, groups:read." in words(answer)


def test_new_token_of_the_same_workspace_keeps_the_channel(house: House) -> None:
    known = tokens(house.sandbox.world)[FIRST.slack_token]
    revoke(house.sandbox.world, "T0SANDBOX", uninstalled=True)
    tokens(house.sandbox.world)["xoxb-new"] = known

    answer = post_form(signed_in(house), TOKEN, token="xoxb-new")

    assert answer.status_code == 303
    assert len(house.posts()) == 1  # the trial, in the channel that it entered again
    assert house.connection("slack").details["channel_name"] == "ventes"


def test_new_token_is_kept_though_its_channel_is_archived(house: House) -> None:
    client = signed_in(house)
    known = tokens(house.sandbox.world)
    known["xoxb-new"] = known.pop(FIRST.slack_token)
    change(house, "C0VENTES", is_archived=True)

    refused = post_form(client, TOKEN, token="xoxb-new")
    other = post_form(client, CHANNEL, channel="général")

    assert "Le canal #ventes est archivé" in words(refused)
    assert other.status_code == 303
    assert house.connection("slack").details["channel_name"] == "général"


def test_token_of_another_workspace_forgets_the_channel(house: House) -> None:
    client = signed_in(house)

    answer = post_form(client, TOKEN, token="xoxb-sandbox-token-2")

    assert answer.status_code == 303
    assert house.connection("slack").account_id == "T0AUTRE"
    assert house.connection("slack").details == {}
    assert "Canal à choisir" in words(client.get("/connections"))


def test_lost_channel_is_said_in_the_box(house: House) -> None:
    change(house, "C0VENTES", is_archived=True)
    client = signed_in(house)
    post_form(client, "/connections/slack/channels")

    house.settle()

    page = words(client.get("/connections"))
    assert "#ventes : Le canal est archivé dans Slack" in page
    assert "partiront toutes, une seule fois" in page


# By OAuth.


def sent_to_slack(client: FlaskClient) -> str:
    answer = client.get(ADD)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def allow(location: str, decision: str = "approve", team: str = "T0SANDBOX") -> str:
    """Decide on Slack's page; returns where it sends the browser, path and query."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    answer = requests.post(
        location.partition("?")[0],
        data={**asked, "team": team, "decision": decision},
        allow_redirects=False,
        timeout=5,
    )
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def test_workspace_that_allows_us_is_connected(house: House) -> None:
    client = signed_in(house)
    disconnect(house)

    back = client.get(allow(sent_to_slack(client)))

    assert back.headers["Location"] == "/connections?saved=slack"
    row = house.connection("slack")
    assert (row.status, row.account_name) == ("connected", "Maison du Sandbox")
    token = open_secrets(house.runtime.sealer, row)["token"]
    assert token.startswith("xoxb-sandbox-granted-")
    assert token not in row.sealed


def test_refusal_in_slack_changes_nothing(house: House) -> None:
    client, before = signed_in(house), house.connection("slack").sealed

    page = client.get(allow(sent_to_slack(client), decision="refuse"))

    assert page.status_code == 422
    assert "L’ajout a été refusé dans Slack" in words(page)
    assert house.connection("slack").sealed == before


def test_way_back_is_good_once(house: House) -> None:
    client = signed_in(house)
    back = allow(sent_to_slack(client))
    client.get(back)

    again = client.get(back)

    assert again.status_code == 422
    assert "trop ancienne ou vient d’une autre session" in words(again)


def foreign(house: House, back: str) -> TestResponse:
    """Another session of the same person brings it back."""
    return signed_in(house).get(back)


def late(house: House, back: str, client: FlaskClient) -> TestResponse:
    with house.runtime.database.writing(house.tenant_id) as session:
        for row in session.query(InstallState):
            row.expires_at -= timedelta(minutes=10)
    return client.get(back)


@pytest.mark.parametrize("how", ["foreign", "late", "no state", "hubspot's state"])
def test_way_back_of_another_is_refused(house: House, how: str) -> None:
    client, before = signed_in(house), house.connection("slack").sealed
    back = allow(sent_to_slack(client))
    code = parse_qs(urlsplit(back).query)["code"][0]
    theirs = client.get("/install").headers["Location"]
    of_hubspot = parse_qs(urlsplit(theirs).query)["state"][0]

    answer = {
        "foreign": lambda: foreign(house, back),
        "late": lambda: late(house, back, client),
        "no state": lambda: client.get(f"/oauth/slack/callback?code={code}"),
        "hubspot's state": lambda: client.get(
            f"/oauth/slack/callback?code={code}&state={of_hubspot}"
        ),
    }[how]()

    assert answer.status_code == 422
    assert house.connection("slack").sealed == before
    assert methods(house) == ["authorize"]  # the page, and no exchange


def test_way_back_after_signing_out_stores_nothing(house: House) -> None:
    client, before = signed_in(house), house.connection("slack").sealed
    back = allow(sent_to_slack(client))
    post_form(client, "/sign-out")

    answer = client.get(back)

    assert answer.headers["Location"] == "/sign-in"
    assert house.connection("slack").sealed == before


def test_way_back_in_another_tenants_session_is_refused(house: House, other_house: House) -> None:
    before = other_house.connection("slack").sealed
    back = allow(sent_to_slack(signed_in(house)))

    answer = signed_in(other_house).get(back)

    assert answer.status_code == 422
    assert other_house.connection("slack").sealed == before


def test_slacks_state_installs_nothing_at_hubspot(house: House) -> None:
    client, before = signed_in(house), house.connection("hubspot").sealed
    state = parse_qs(urlsplit(allow(sent_to_slack(client))).query)["state"][0]
    way = client.get("/install").headers["Location"]
    code = parse_qs(urlsplit(approve(house, way)).query)["code"][0]

    answer = client.get(f"/oauth/hubspot/callback?code={code}&state={state}")

    assert answer.status_code == 400
    assert house.connection("hubspot").sealed == before


def test_look_leaves_the_way_back_from_slack_good(house: House) -> None:
    client = signed_in(house)
    back = allow(sent_to_slack(client))

    client.head(back)

    assert client.get(back).status_code == 303


def test_code_that_slack_refuses_is_one_sentence(house: House) -> None:
    client = signed_in(house)
    back = allow(sent_to_slack(client))
    house.sandbox.world.store.table("slack", "codes").clear()

    page = client.get(back)

    assert page.status_code == 422
    assert "n’est plus valable" in words(page)


def test_without_a_slack_app_only_a_token_is_offered(house: House) -> None:
    client = signed_in(house)
    with_app = client.get("/connections").text
    none = replace(house.runtime.settings, slack_client_id="", slack_client_secret=Secret(""))
    house.app.extensions["propale"] = replace(house.runtime, settings=none)

    page, way = client.get("/connections"), client.get(ADD)

    assert f'href="{ADD}"' in with_app
    assert ADD not in page.text
    assert "Coller un jeton de bot" in words(page)
    assert way.status_code == 404


def test_scopes_are_those_the_calls_need(house: House) -> None:
    """Manifest, request and what Slack asked of the calls of a whole connection are the same."""
    client = signed_in(house)
    asked = parse_qs(urlsplit(sent_to_slack(client)).query)["scope"][0]
    manifest = yaml.safe_load((ROOT / "docs/slack-app-manifest.yaml").read_text("utf-8"))
    change(house, "C0DIRECTION", is_member=True)

    post_form(client, CHANNEL, channel="#général")
    post_form(client, CHANNEL, channel="#direction")
    post_form(client, "/connections/slack/channels")
    house.settle()

    needed = set(demanded(house.sandbox.world))
    assert needed == set(asked.split(",")) == set(manifest["oauth_config"]["scopes"]["bot"])


def test_choice_of_a_channel_stands_in_the_journal(house: House) -> None:
    post_form(signed_in(house), CHANNEL, channel="#général")

    newest = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)
    entry = house.read(lambda session: session.scalars(newest).one())
    assert (entry.what, entry.who) == ("slack.channel_chosen", "dana@maison.example (7001)")
    assert (entry.before["channel"], entry.after["channel"]) == ("ventes", "général")


@pytest.mark.parametrize("path", [ADD, "/oauth/slack/callback"])
def test_only_an_owner_adds_us_to_slack(house: House, path: str) -> None:
    client = with_role(house, Role.FINANCE)

    answer = client.get(path)

    assert answer.status_code == 403
