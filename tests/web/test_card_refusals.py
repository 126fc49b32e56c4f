"""Card calls that are not to be believed, not to be read, or not about this house's deals."""

import json
import uuid
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.db import EVERY_TENANT
from app.models import Message, ProposalRequest, SignInLink
from sandbox.hubspot import records
from tests.support.house import House
from tests.web.card_calls import IDENTITY, Call, deal, send
from tests.web.card_schema import check_error

READ = Call(deal())
CREATE = Call(deal("5101/proposals"), "POST", b"{}")
ROUTES = [
    READ,
    CREATE,
    Call(deal("5101/withdraw"), "POST", b"{}"),
    Call(f"/api/card/sign-in?lang=fr&{IDENTITY}", "POST", b"{}"),
]
SOME_ID = "4c13c479-5f40-4a4e-aed0-71decab61747"
SHOWN = "0" * 64


def nothing_happened(house: House) -> bool:
    """No vendor was asked, no row was written."""
    with house.runtime.database.reading(EVERY_TENANT) as session:
        rows = session.query(ProposalRequest).count() + session.query(SignInLink).count()
        pending = session.query(Message).filter(Message.status == "pending").count()
    return not rows and not pending and not house.sandbox.world.journal.entries()


def refused(answer: TestResponse, status: int) -> bool:
    check_error(answer.get_json())
    return answer.status_code == status


@pytest.mark.parametrize("call", ROUTES, ids=lambda call: call.method + call.target[:30])
@pytest.mark.parametrize(
    "headers",
    [
        {"X-HubSpot-Signature-v3": None},
        {"X-HubSpot-Signature-v3": "AAAA"},
        {"X-HubSpot-Request-Timestamp": None},
        {"X-HubSpot-Request-Timestamp": "soon"},
        {"X-HubSpot-Request-Timestamp": "1632188626483.0"},
    ],
)
def test_unsigned_call_is_401(house: House, call: Call, headers: dict[str, str | None]) -> None:
    answer = send(house, call, **headers)

    assert refused(answer, 401)
    assert nothing_happened(house)


@pytest.mark.parametrize(
    "call",
    [
        Call(deal(), age=301),
        Call(deal(), age=-301),
        Call(deal(), secret="another"),
        Call(deal(), origin="https://elsewhere.example"),
        Call(deal(), signed_method="POST"),
        Call(deal("5101/proposals"), "POST", b'{"a": 1}', signed_body=b'{"a":1}'),
    ],
    ids=["old", "future", "secret", "origin", "method", "body"],
)
def test_wrongly_signed_call_is_401(house: House, call: Call) -> None:
    assert refused(send(house, call), 401)
    assert nothing_happened(house)


@pytest.mark.parametrize("age", [299, -299])
def test_clocks_may_be_five_minutes_apart(house: House, age: float) -> None:
    assert send(house, Call(deal(), age=age)).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        f"portalId=148222&{IDENTITY}",
        f"{IDENTITY}&userId=7003",
        f"{IDENTITY}&userEmail=x%40y.example",
        f"appId=1&{IDENTITY}",
        IDENTITY.replace("4242", "4243"),
        IDENTITY.replace("portalId=148111", "portalId=abc"),
        IDENTITY.replace("&appId=4242", ""),
        IDENTITY.replace("portalId=148111", "portalId=" + "9" * 19),
        IDENTITY.replace("userId=7001", "userId=" + "9" * 5000),
        IDENTITY.replace("userId=7001", "userId=٧٠٠١"),
        IDENTITY.replace("dana", "dana%00"),
        IDENTITY.replace("dana", "dana%0D%0A"),
        "lang=fr",
    ],
)
def test_identity_not_said_exactly_once_is_401(house: House, query: str) -> None:
    call = Call(f"/api/card/deals/5101?{query}")

    assert refused(send(house, call), 401)
    assert nothing_happened(house)


@pytest.mark.parametrize("call", ROUTES, ids=lambda call: call.method + call.target[:30])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_wrong_method_is_405(house: House, call: Call, method: str) -> None:
    answer = send(house, Call(call.target, method, call.body))

    assert refused(answer, 405)


def test_post_route_read_with_get_is_405(house: House) -> None:
    assert refused(send(house, Call(CREATE.target)), 405)


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 400), (64 * 1024 + 1, 413)])
def test_body_over_64_kb_is_413(house: House, size: int, status: int) -> None:
    body = b'"' + b"x" * (size - 2) + b'"'

    answer = send(house, Call(CREATE.target, "POST", body))

    assert refused(answer, status)
    assert nothing_happened(house)


@pytest.mark.parametrize("number", ["999999", "0", "abc", "5101;x", "%2e%2e", "1" * 21])
def test_unknown_deal_is_404_for_every_call(house: House, number: str) -> None:
    body = {"requestId": str(uuid.uuid4()), "recipientContactId": "1101", "shown": SHOWN}
    calls = [
        Call(deal(number)),
        Call(deal(f"{number}/proposals"), "POST", json.dumps(body).encode()),
        Call(deal(f"{number}/withdraw"), "POST", json.dumps({"proposalId": "a" * 36}).encode()),
    ]

    assert all(refused(send(house, call), 404) for call in calls)


def test_deleted_deal_is_404_with_a_sentence(house: House) -> None:
    records.archive(house.sandbox.world, "148111", "deals", "5101")

    answer = send(house, READ)

    assert refused(answer, 404)
    assert "introuvable" in answer.get_json()["error"]["message"]


def test_deal_of_another_house_is_404(other_house: House) -> None:
    other_house.view("5101")

    answer = other_house.card("/deals/5105?lang=fr")

    assert answer.status_code == 404
    check_error(answer.get_json())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"[" * 30_000,
        b'{"requestId":' * 500 + b"1" + b"}" * 500,
        b"{}",
        json.dumps({"requestId": 1, "recipientContactId": "1101", "shown": SHOWN}).encode(),
        json.dumps({"requestId": "x", "recipientContactId": "1101", "shown": SHOWN}).encode(),
        json.dumps({"requestId": SOME_ID, "recipientContactId": "1101"}).encode(),
        json.dumps({"requestId": SOME_ID, "recipientContactId": "x", "shown": SHOWN}).encode(),
        json.dumps(
            {"requestId": SOME_ID, "recipientContactId": "1101", "shown": SHOWN[1:]}
        ).encode(),
        json.dumps(
            {"requestId": SOME_ID, "recipientContactId": "1101", "shown": f"{SHOWN}\n"}
        ).encode(),
    ],
)
def test_malformed_request_is_400(house: House, body: bytes) -> None:
    house.view("5101")
    house.forget_calls()

    assert refused(send(house, Call(CREATE.target, "POST", body)), 400)
    assert nothing_happened(house)


def click(house: House, **more: Any) -> tuple[str, TestResponse]:
    request_id = str(uuid.uuid4())
    return request_id, house.click("5101", **{"requestId": request_id, **more})


def test_same_request_again_gets_the_first_answer(house: House) -> None:
    request_id, first = click(house)
    house.settle()

    again = replay(house, request_id)

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.get_json() == again.get_json() == {"state": "taken"}
    assert len(house.mails()) == 1


def test_captured_call_played_again_does_nothing_more(house: House) -> None:
    """The very same bytes with the same signature, inside its five minutes."""
    offer = house.view("5101")["offers"][0]
    body = {
        "requestId": str(uuid.uuid4()),
        "recipientContactId": offer["recipient"]["contactId"],
        "shown": offer["shown"],
    }
    call = Call(deal("5101/proposals"), "POST", json.dumps(body).encode())
    captured = call.headers()

    answers = [send(house, call, **captured).status_code for _ in range(3)]
    house.settle()
    late = send(house, call, **captured).status_code

    assert (answers, late) == ([202] * 3, 202)
    assert len(house.mails()) == 1


def replay(house: House, request_id: str, deal_id: str = "5101", **who: Any) -> TestResponse:
    body = {"requestId": request_id, "recipientContactId": "1101", "shown": SHOWN}
    return house.card(f"/deals/{deal_id}/proposals?lang=fr", body, **who)


def test_same_request_for_another_deal_is_409(house: House) -> None:
    house.view("5102")
    request_id, _ = click(house)

    assert refused(replay(house, request_id, "5102"), 409)


def test_same_request_of_another_person_is_409(house: House) -> None:
    request_id, _ = click(house)

    assert refused(replay(house, request_id, user=7003), 409)


@pytest.mark.parametrize("work", [True, False])
def test_second_request_while_one_is_open_is_409(house: House, *, work: bool) -> None:
    click(house)
    if work:
        house.settle()

    answer = replay(house, str(uuid.uuid4()))

    assert refused(answer, 409)
    assert len(house.messages("hubspot.prepare_proposal")) == 1


def test_withdraw_after_the_answer_is_409(house: House) -> None:
    proposal = house.sent("5101")
    house.accept(proposal)

    answer = house.card("/deals/5101/withdraw?lang=fr", {"proposalId": proposal.public_id})

    assert refused(answer, 409)
    assert "déjà répondu" in answer.get_json()["error"]["message"]


def test_withdraw_of_another_proposal_is_404(house: House) -> None:
    house.sent("5101")

    answer = house.card("/deals/5101/withdraw?lang=fr", {"proposalId": str(uuid.uuid4())})

    assert refused(answer, 404)


@pytest.mark.parametrize(("language", "word"), [("fr", "introuvable"), ("en", "deal")])
def test_refusals_speak_the_users_language(house: House, language: str, word: str) -> None:
    answer = send(house, Call(deal("999999", f"lang={language}")))

    assert word in answer.get_json()["error"]["message"]


def test_unknown_path_of_the_card_api_is_json_404(house: House) -> None:
    answer = house.app.test_client().get("/api/card/nothing")

    assert refused(answer, 404)
