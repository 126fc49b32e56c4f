"""The pages of colleagues and of the journal: who may, and what an owner reads there."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.notices import DEFAULTS
from app.accounts.roles import Role, give_role, meet
from app.accounts.sessions import close_session
from app.audit import US, list_entries
from app.db import EVERY_TENANT
from app.models import Colleague, ColleagueSession, Preferences
from app.wording.journal import changes_of
from tests.support.house import FIRST, ON_BOTH, House
from tests.web.browsing import post_form, signed_in, words
from tests.web.forms import Page, send

RENE = 7009
KARIM = 7003  # a colleague whom the sandbox knows


@pytest.fixture
def rene(house: House) -> Colleague:
    """A rep beside the owner."""
    with house.runtime.database.writing(house.tenant_id) as session:
        return meet(session, RENE, "rene@maison.example")


def with_role(house: House, role: Role) -> FlaskClient:
    """The browser of the house's colleague, who has this role now; another stays owner."""
    with house.runtime.database.writing(house.tenant_id) as session:
        meet(session, 7777, "olga@maison.example").role = Role.OWNER
        meet(session, FIRST.user, "dana@maison.example").role = role
    return signed_in(house)


def role_of(house: House, user_id: int) -> str:
    wanted = select(Colleague.role).where(Colleague.user_id == user_id)
    return str(house.read(lambda session: session.scalars(wanted).one()))


def test_installer_is_owner_and_gives_roles(house: House, rene: Colleague) -> None:
    client = signed_in(house)
    page = Page(client.get("/people").text)

    answer = send(client, page, f"/people/{rene.id}", role="finance")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/people?saved")
    assert role_of(house, RENE) == "finance"
    assert "Le rôle est donné" in words(client.get("/people?saved"))


def test_last_owner_is_told_whom_to_make_owner_first(house: House) -> None:
    client = signed_in(house)
    page = Page(client.get("/people").text)

    answer = send(client, page, "/people/1", role="rep")

    assert answer.status_code == 400
    assert "C’est le dernier propriétaire" in words(answer)
    assert role_of(house, FIRST.user) == "owner"


def test_role_without_our_token_is_403(house: House, rene: Colleague) -> None:
    answer = signed_in(house).post(f"/people/{rene.id}", data={"role": "owner"})

    assert answer.status_code == 403
    assert role_of(house, RENE) == "rep"


@ON_BOTH
@pytest.mark.parametrize("number", ["9" * 19, "9" * 40, str(2**63)])
def test_number_beyond_the_columns_is_nobody(house: House, number: str) -> None:
    client = signed_in(house)

    given = post_form(client, f"/people/{number}", role="owner")
    older = client.get(f"/journal?before={number}")

    assert (given.status_code, older.status_code) == (404, 200)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.REP, Role.READ_ONLY])
def test_only_an_owner_gives_roles(house: House, rene: Colleague, role: Role) -> None:
    client = with_role(house, role)

    answer = client.post(f"/people/{rene.id}", data={"role": "owner"})

    assert answer.status_code == 403
    assert "Donner les rôles revient à : Propriétaire" in words(answer).replace("\u00a0", " ")
    assert role_of(house, RENE) == "rep"


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.FINANCE, "/preferences/terms", 303),
        (Role.FINANCE, "/connections/stripe", 403),
        (Role.REP, "/preferences/terms", 403),
        (Role.READ_ONLY, "/connections/slack", 403),
        (Role.FINANCE, "/connections/slack/disconnect", 403),
        (Role.READ_ONLY, "/connections/stages", 403),
    ],
)
def test_form_answers_to_the_role(house: House, role: Role, path: str, status: int) -> None:
    client = with_role(house, role)
    before = house.connection("stripe").sealed

    answer = post_form(client, path, terms="Trente jours.", key=FIRST.stripe_key)

    assert answer.status_code == status
    assert house.connection("stripe").sealed == before


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.FINANCE, 200), (Role.REP, 403), (Role.READ_ONLY, 403)],
)
def test_journal_is_for_owners_and_finance(house: House, role: Role, status: int) -> None:
    client = with_role(house, role)

    assert client.get("/journal").status_code == status
    assert client.get("/journal.csv").status_code == status


def test_journal_tells_who_changed_what_from_where(house: House) -> None:
    client = signed_in(house)
    post_form(client, "/preferences/terms", terms="Trente jours.")

    page = words(client.get("/journal"))

    assert "Réglages changés" in page
    assert "dana@maison.example (7001) · 127.0.0.1" in page
    assert "Payable à l'acceptation. Trente jours." in page
    assert "Canal ventes" in page
    assert FIRST.stripe_key not in page


def test_journal_names_every_field_by_its_words(house: House, rene: Colleague) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        give_role(session, rene.id, "finance", US, "fr")
    entries = house.read(list_entries)

    shown = [change for entry in entries for change in changes_of(entry.before, entry.after, "fr")]

    keys = {name for entry in entries for name in (*entry.before, *entry.after)}
    assert {change.name for change in shown} & keys == set()
    role, _met, installer, _ = (change for change in shown if change.name == "Rôle")
    assert (role.before, role.after) == ("Commercial", "Finances")
    assert (installer.before, installer.after) == ("Commercial", "Propriétaire")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_preference_has_words_in_the_journal(language: str) -> None:
    kept = {column.name: "x" for column in Preferences.__table__.columns} | {"tenant_id": None}
    told = dict.fromkeys((f"told.{event}" for event in DEFAULTS), "rep")
    del kept["tenant_id"]

    shown = changes_of({}, kept | told, language)

    assert {change.name for change in shown} & {*kept, *told} == set()


def test_journal_says_choices_as_their_page_does() -> None:
    after = {"methods": ["card"], "told.paid": "rep, owner, a@b.example, Slack C1", "role": "rep"}
    files = {"logo": "79c4d74a84408221005717335a4dcbb7", "terms_file": ""}

    shown = {change.name: change.after for change in changes_of({}, after | files, "fr")}

    assert shown == {
        "Moyens proposés": "Carte bancaire",
        "Qui est prévenu · Premier paiement reçu": (
            "le commercial, l’adresse de réponse, a@b.example, Slack C1"
        ),
        "Rôle": "Commercial",
        "Logo": "fichier 79c4d74a8440…",
        "Conditions en PDF": "",
    }


def test_journal_as_csv_has_every_entry(house: House) -> None:
    client = signed_in(house)

    answer = client.get("/journal.csv")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    told = [row["what"] for row in rows]
    assert (told[0], told[-1]) == ("hubspot.installed", "journal.exported")
    assert {"preferences.changed", "stripe.connected", "slack.connected"} < set(told)
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_reader_sees_the_card_without_buttons(house: House) -> None:
    with_role(house, Role.READ_ONLY)

    view = house.view("5101")

    assert (view["state"], view["offers"]) == ("not_ready", [])
    assert [problem["code"] for problem in view["problems"]] == ["not_a_seller"]


def test_readers_click_is_refused_and_makes_nothing(house: House) -> None:
    offer = house.view("5101")["offers"][0]
    with_role(house, Role.READ_ONLY)
    body = {
        "requestId": "0" * 36,
        "recipientContactId": offer["recipient"]["contactId"],
        "shown": offer["shown"],
    }

    answer = house.card("/deals/5101/proposals?lang=fr", body)

    assert answer.status_code == 403
    assert "Demandez à un propriétaire" in answer.get_json()["error"]["message"]
    assert house.view("5101")["state"] == "not_ready"


def test_reader_withdraws_nothing(house: House) -> None:
    proposal = house.sent("5101")
    with_role(house, Role.READ_ONLY)

    answer = house.card("/deals/5101/withdraw?lang=fr", {"proposalId": proposal.public_id})

    assert answer.status_code == 403
    assert house.proposal("5101").status == "sent"
    assert house.view("5101")["proposal"]["withdrawable"] is False


def test_journal_tells_who_withdrew_a_proposal(house: House) -> None:
    proposal = house.sent("5101")

    house.card("/deals/5101/withdraw?lang=fr", {"proposalId": proposal.public_id})

    newest, *_ = house.read(list_entries)
    assert (newest.what, newest.before) == ("proposal.withdrawn", {"proposal": proposal.number})
    assert newest.who.endswith(f"({FIRST.user})")
    assert "proposal.requested" in {entry.what for entry in house.read(list_entries)}


def told(house: House, *whats: str) -> list[tuple[str, str, str]]:
    """What, who and from where, the oldest first."""
    entries = [entry for entry in reversed(house.read(list_entries)) if entry.what in whats]
    return [(entry.what, entry.who, entry.address) for entry in entries]


def test_journal_tells_who_signed_in_and_out(house: House) -> None:
    client = house.app.test_client()
    client.environ_base |= {
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_ORIGIN": house.runtime.settings.public_url,
    }
    link = urlsplit(house.card("/sign-in?lang=fr", {}, user=KARIM).get_json()["url"]).path
    house.view("5101")
    client.get(link)
    client.get(link)
    post_form(client, "/sign-out")

    karim = f"karim@maison.example ({KARIM})"
    assert told(house, "session.opened", "session.closed")[-2:] == [
        ("session.opened", karim, "192.0.2.7"),
        ("session.closed", karim, "192.0.2.7"),
    ]
    assert len(told(house, "session.closed")) == 1


def test_two_sign_outs_at_once_are_one(house: House) -> None:
    client = signed_in(house)
    with house.runtime.database.reading(EVERY_TENANT) as session:
        seen = session.query(ColleagueSession).all()[-1]
    post_form(client, "/sign-out")

    with house.runtime.database.writing(house.tenant_id) as session:
        close_session(session, seen, US)

    assert len(told(house, "session.closed")) == 1


def test_journal_tells_whom_it_met_first_once(house: House) -> None:
    house.view("5101")
    for _ in range(2):
        house.card("/sign-in?lang=fr", {}, user=KARIM)

    newest, *_ = house.read(list_entries)
    karim = f"karim@maison.example ({KARIM})"
    assert (newest.what, newest.who, newest.address) == ("colleague.met", karim, "")
    assert newest.after == {"colleague": karim, "role": "rep"}
    assert len([one for one in told(house, "colleague.met") if one[1] == karim]) == 1
