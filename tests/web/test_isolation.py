"""Two houses on one product whose deals, contacts and lines share their ids."""

import uuid

import pytest
from werkzeug.routing import Rule

from app.models import Colleague, Deal, Proposal
from tests.factories import token_of
from tests.support.contents import contents
from tests.support.house import OTHER, House, install, next_door
from tests.web.browsing import signed_in, words
from tests.web.forms import read
from tests.web.test_route_auth import ROUTES


@pytest.fixture
def both(house: House) -> tuple[House, House]:
    """Each sent a proposal of its deal 5101."""

    def play() -> int:
        other = install(house.sandbox, house.runtime, OTHER)
        house.send("5101")
        other.send("5101")
        assert other.open_errors() == []
        return other.tenant_id

    return house, next_door(house, house.begin(("both send", "5101"), play))


def test_same_deal_id_is_two_deals(both: tuple[House, House]) -> None:
    mine, theirs = (one.proposal("5101") for one in both)

    assert mine.tenant_id != theirs.tenant_id
    assert mine.recipient_email == "jeanne@atelier-martin.example"
    assert theirs.recipient_email == "simon@librairie-du-port.example"
    assert (mine.due_now_minor, theirs.due_now_minor) == (54_000, 11_880)
    assert mine.number == theirs.number


def test_card_shows_each_its_own(both: tuple[House, House]) -> None:
    views = [one.view("5101") for one in both]

    assert [view["proposal"]["recipientEmail"] for view in views] == [
        "jeanne@atelier-martin.example",
        "simon@librairie-du-port.example",
    ]


def test_withdraw_with_the_others_proposal_is_404(both: tuple[House, House]) -> None:
    house, other = both

    answer = other.card(
        "/deals/5101/withdraw?lang=fr", {"proposalId": house.proposal("5101").public_id}
    )

    assert answer.status_code == 404
    assert house.proposal("5101").status == "sent"
    assert other.proposal("5101").status == "sent"


def test_same_request_id_is_two_requests(house: House, other_house: House) -> None:
    request_id = str(uuid.uuid4())

    answers = [one.click("5101", requestId=request_id) for one in (house, other_house)]
    house.settle()

    assert [answer.status_code for answer in answers] == [202, 202]
    assert house.proposal("5101").status == other_house.proposal("5101").status == "sent"


def test_copy_of_the_others_proposal_is_404(both: tuple[House, House]) -> None:
    house, other = both
    client = signed_in(other)

    theirs = client.get(f"/d/{house.proposal('5101').public_id}")
    mine = client.get(f"/d/{other.proposal('5101').public_id}")

    assert (theirs.status_code, mine.status_code) == (404, 200)
    assert "Jeanne" not in theirs.text


def test_connections_page_shows_its_own(both: tuple[House, House]) -> None:
    pages = [words(signed_in(one).get("/connections")) for one in both]

    assert "148111" in pages[0]
    assert "148222" not in pages[0]
    assert "148222" in pages[1]
    assert "148111" not in pages[1]


def test_card_signed_for_one_never_reads_the_other(both: tuple[House, House]) -> None:
    house, _ = both
    house.forget_calls()

    answer = house.card("/deals/5105?lang=fr", portal=148222, user=7002)

    assert answer.status_code == 404


# What an argument names: somebody's row, or nothing that belongs to anybody. A token is a proof.
ROWS = {"public_id", "deal_id", "colleague_id"}
NO_ROWS = {"token", "section", "what"}
NAMING_ROWS = [(rule, method, who) for rule, method, who in ROUTES if rule.arguments & ROWS]


def test_every_argument_of_a_route_has_its_case() -> None:
    assert {name for rule, _, _ in ROUTES for name in rule.arguments} <= ROWS | NO_ROWS


def ids_of(house: House) -> dict[str, str]:
    """What the arguments of routes are called in this house."""
    with house.runtime.database.reading(house.tenant_id) as session:
        colleague = session.query(Colleague).first()
    assert colleague
    return {
        "public_id": house.proposal("5101").public_id,
        "deal_id": "5105",  # the other house has no such deal
        "colleague_id": str(colleague.id),
        "section": "seller",
        "what": "logo",
    }


@pytest.mark.parametrize(
    ("rule", "method", "who"), NAMING_ROWS, ids=[f"{m} {r.rule}" for r, m, _ in NAMING_ROWS]
)
def test_anothers_row_is_not_found(
    both: tuple[House, House], rule: Rule, method: str, who: str
) -> None:
    house, other = both
    client = signed_in(other)
    _, fields = read(client, "/connections").form("/sign-out")
    ids = ids_of(house)
    if who == "signed Stripe":
        ids["public_id"] = house.connection("stripe").public_id
    _, path = rule.build({name: ids[name] for name in rule.arguments}) or ("", "")
    before = contents(house.runtime.database)

    if who == "signed card":
        body = {"requestId": str(uuid.UUID(int=1)), "recipientContactId": "1", "shown": "0" * 64}
        body["proposalId"] = house.proposal("5101").public_id
        card = path.removeprefix("/api/card") + "?lang=fr"
        answer = other.card(card, None if method == "GET" else body)
    else:
        data = {**fields, "role": "finance"} if method == "POST" else None
        answer = client.open(path, method=method, data=data)

    # Of a webhook's address the other tenant knows no secret.
    assert answer.status_code == (400 if who == "signed Stripe" else 404)
    assert "Jeanne" not in answer.text
    assert contents(house.runtime.database) == before


@pytest.mark.parametrize(
    "path", [rule.rule for rule, _, who in ROUTES if who.startswith("colleague")]
)
def test_colleagues_routes_know_no_other_tenant(both: tuple[House, House], path: str) -> None:
    house, other = both
    filled = path.replace("<public_id>", house.proposal("5101").public_id)

    answer = signed_in(other).get(filled)

    assert answer.status_code in {200, 302, 404, 405, 422}  # 302 and 422: on the way to Slack
    assert "jeanne@atelier-martin.example" not in answer.text
    assert "Atelier Martin" not in answer.text


def test_each_house_is_told_and_paid_alone(both: tuple[House, House]) -> None:
    house, other = both
    purchase = house.accept(house.proposal("5101"))
    house.enter(purchase)

    house.settle()

    assert len(house.posts()) == 2
    assert other.posts() == []
    assert other.stripe("customer") == []
    assert other.deal("5101")["propale_status"] == "sent"
    assert house.deal("5101")["propale_status"] == "accepted"


def test_webhook_of_one_naming_the_others_purchase(both: tuple[House, House]) -> None:
    house, other = both
    purchase = house.accept(house.proposal("5101"))
    invoice = {
        "id": "in_forged",
        "object": "invoice",
        "metadata": {"propale_purchase": purchase.public_id},
    }
    event = {
        "id": "evt_forged",
        "type": "invoice.paid",
        "livemode": False,
        "data": {"object": invoice},
    }

    other.post_event(event)
    other.settle()

    assert other.message("inbox.stripe").status == "ignored"
    assert house.purchase(purchase.id).status == "awaiting_method"


def test_reading_one_scope_finds_nothing_of_the_other(both: tuple[House, House]) -> None:
    house, other = both

    def look(one: House) -> tuple[int, set[int]]:
        rows = one.read(lambda session: session.query(Proposal).all())
        return one.read(lambda session: session.query(Deal).count()), {r.tenant_id for r in rows}

    assert look(house) == (1, {house.tenant_id})
    assert look(other) == (1, {other.tenant_id})


def test_customers_link_opens_its_own_only(both: tuple[House, House]) -> None:
    house, other = both
    client = house.app.test_client()

    page = client.get(f"/p/{token_of(other.proposal('5101'))}")

    assert "Simon Aubert" in words(page)
    assert "Jeanne" not in page.text
