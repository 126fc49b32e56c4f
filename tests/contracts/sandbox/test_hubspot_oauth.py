"""Installing the app: authorize page, one-time codes, rotating tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.hubspot.registration import client_secret, registration
from sandbox.hubspot.tokens import challenge_of
from tests.contracts.sandbox.conftest import authorize, exchange, install

if TYPE_CHECKING:
    from sandbox.server import Server


def test_approval_returns_code_and_same_state(sandbox: Server) -> None:
    answer = authorize(sandbox)

    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.status_code == 302
    assert query["state"] == ["s t&te"]
    assert query["code"][0]


def test_refusal_returns_access_denied(sandbox: Server) -> None:
    answer = authorize(sandbox, decision="refuse")

    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["error"] == ["access_denied"]
    assert "code" not in query


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "another"},
        {"redirect_uri": "http://127.0.0.1:9/elsewhere"},
        {"scope": "oauth"},
        {"scope": "oauth crm.objects.deals.read invented.scope"},
    ],
)
def test_wrong_request_stays_on_hubspot(sandbox: Server, wrong: dict[str, str]) -> None:
    answer = authorize(sandbox, **wrong)

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_authorize_page_lists_every_scope(sandbox: Server) -> None:
    settings = sandbox.world.settings
    app = registration(settings)

    page = requests.get(
        f"{settings.hubspot_app_base}/oauth/authorize",
        params={
            "client_id": app.client_id,
            "redirect_uri": app.redirect_urls[0],
            "scope": " ".join(app.required_scopes),
            "state": "x",
        },
        timeout=5,
    )

    assert page.status_code == 200
    assert all(scope in page.text for scope in app.required_scopes)


def test_token_answer_names_account_and_user(sandbox: Server) -> None:
    answer = install(sandbox)

    assert answer["hub_id"] == 148111
    assert answer["user_id"] == 7001
    assert answer["expires_in"] == 1800
    assert set(answer["scopes"]) == registration(sandbox.world.settings).required_scopes


def test_code_used_twice_is_refused(sandbox: Server) -> None:
    back = authorize(sandbox).headers["Location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    exchange(sandbox, grant_type="authorization_code", code=code)

    again = exchange(sandbox, grant_type="authorization_code", code=code)

    assert again.status_code == 400
    assert again.json()["status"] == "BAD_AUTH_CODE"


@pytest.mark.parametrize(("portal", "status"), [("148111", 400), ("148222", 200)])
def test_expiry_from_the_page_is_of_one_portal(sandbox: Server, portal: str, status: int) -> None:
    back = authorize(sandbox).headers["Location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    page = f"{sandbox.url}/control/buttons/expire-tokens"
    requests.post(page, data={"portal": portal}, timeout=5)

    answer = exchange(sandbox, grant_type="authorization_code", code=code)

    assert answer.status_code == status


def test_refresh_rotates_the_refresh_token(sandbox: Server) -> None:
    first = install(sandbox)

    second = exchange(
        sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"]
    ).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert details(sandbox, second["access_token"]).json()["portalId"] == 148111
    late = exchange(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (late.status_code, late.json()["status"]) == (400, "BAD_REFRESH_TOKEN")


def test_lost_refresh_answer_can_be_repeated(sandbox: Server) -> None:
    first = install(sandbox)
    exchange(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])

    again = exchange(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])

    assert again.status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_id": "another"}, "BAD_CLIENT_ID"),
        ({"client_secret": "another"}, "BAD_CLIENT_SECRET"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
    ],
)
def test_token_endpoint_says_what_is_wrong(
    sandbox: Server, change: dict[str, str], status: str
) -> None:
    answer = exchange(sandbox, **{"grant_type": "refresh_token", **change})

    assert answer.status_code == 400
    assert answer.json()["status"] == status


def test_unknown_token_introspects_as_inactive(sandbox: Server) -> None:
    settings = sandbox.world.settings
    answer = requests.post(
        f"{settings.hubspot_api_base}/oauth/2026-09/token/introspect",
        data={
            "client_id": settings.hubspot_client_id,
            "client_secret": settings.hubspot_client_secret,
            "token": "unknown",
        },
        timeout=5,
    )

    assert (answer.status_code, answer.json()) == (200, {"active": False})


def test_business_time_does_not_expire_tokens(sandbox: Server) -> None:
    token = install(sandbox)["access_token"]

    sandbox.world.clock.advance(timedelta(days=40))

    assert details(sandbox, token).status_code == 200


def test_expired_token_says_so_and_refreshes(sandbox: Server) -> None:
    first = install(sandbox)
    requests.post(
        f"{sandbox.url}/control/hubspot/expire-tokens", json={"portal": 148111}, timeout=5
    )

    answer = details(sandbox, first["access_token"])

    assert (answer.status_code, answer.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    fresh = exchange(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert details(sandbox, fresh.json()["access_token"]).status_code == 200


def test_uninstalled_portal_cannot_refresh(sandbox: Server) -> None:
    first = install(sandbox)
    requests.post(f"{sandbox.url}/control/hubspot/uninstall", json={"portal": 148111}, timeout=5)

    late = exchange(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])

    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")


def test_unknown_token_is_refused(sandbox: Server) -> None:
    answer = details(sandbox, "unknown")

    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"
    assert answer.json()["correlationId"]


def details(server: Server, token: str) -> requests.Response:
    return requests.get(
        f"{server.world.settings.hubspot_api_base}/account-info/2026-09/details",
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )


def test_changed_secret_is_the_only_one_that_counts(sandbox: Server) -> None:
    token = install(sandbox)["refresh_token"]
    requests.post(f"{sandbox.url}/control/buttons/secret", timeout=5)
    new = client_secret(sandbox.world)

    old = exchange(sandbox, grant_type="refresh_token", refresh_token=token)
    fresh = exchange(sandbox, grant_type="refresh_token", refresh_token=token, client_secret=new)

    assert (old.status_code, old.json()["status"]) == (400, "BAD_CLIENT_SECRET")
    assert fresh.status_code == 200


def test_changed_secret_can_be_put_back(sandbox: Server) -> None:
    for _ in range(2):
        requests.post(f"{sandbox.url}/control/buttons/secret", timeout=5)

    assert client_secret(sandbox.world) == sandbox.world.settings.hubspot_client_secret


def test_person_without_the_right_stays_on_hubspot(sandbox: Server) -> None:
    answer = authorize(sandbox, account="148111/7005")

    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "super administrateur" in answer.text


def code_with_challenge(sandbox: Server, verifier: str) -> str:
    back = authorize(
        sandbox, code_challenge=challenge_of(verifier), code_challenge_method="S256"
    ).headers["Location"]
    return parse_qs(urlsplit(back).query)["code"][0]


@pytest.mark.parametrize(
    ("given", "status"),
    [({"code_verifier": "v" * 43}, 200), ({"code_verifier": "w" * 43}, 400), ({}, 400)],
)
def test_code_with_a_challenge_needs_its_verifier(
    sandbox: Server, given: dict[str, str], status: int
) -> None:
    code = code_with_challenge(sandbox, "v" * 43)

    answer = exchange(sandbox, grant_type="authorization_code", code=code, **given)

    assert answer.status_code == status


def test_challenge_in_the_plain_is_refused(sandbox: Server) -> None:
    answer = authorize(sandbox, code_challenge="v" * 43, code_challenge_method="plain")

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_code_expired_by_the_control_page_is_refused(sandbox: Server) -> None:
    back = authorize(sandbox).headers["Location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    requests.post(
        f"{sandbox.url}/control/buttons/expire-tokens", data={"portal": "148111"}, timeout=5
    )

    answer = exchange(sandbox, grant_type="authorization_code", code=code)

    assert (answer.status_code, answer.json()["status"]) == (400, "BAD_AUTH_CODE")
