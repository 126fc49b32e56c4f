"""HubSpot refuses this server itself: no tenant is disconnected, everything waits and goes on."""

from dataclasses import replace

import pytest

from app.accounts.clients import ask_hubspot
from app.accounts.configuration import refused_configurations
from app.errors import FailureKind, ProviderError
from app.runtime import Runtime
from app.settings import Secret
from sandbox.hubspot import tokens
from sandbox.hubspot.registration import change_secret, restore_secret
from tests.support.house import House

TOKEN = "POST /oauth/2026-09/token"
BOTH = ("148111", "148222")


@pytest.fixture
def houses(house: House, other_house: House) -> list[House]:
    """Two sellers with a proposal sent each, whose access tokens are over."""
    made = [house, other_house]
    for one in made:
        one.send("5101")
    for portal in BOTH:
        tokens.expire(house.sandbox.world, portal)
    house.forget_calls()
    return made


def withdraw(house: House) -> None:
    """Change what the deal shows."""
    proposal = house.proposal("5101")
    body = {"proposalId": proposal.public_id}
    assert house.card("/deals/5101/withdraw?lang=fr", body).status_code == 200


def use(runtime: Runtime, tenant_id: int) -> None:
    """Make any call of the CRM."""
    ask_hubspot(runtime, tenant_id, lambda crm: crm.read_stages())


def refused(house: House) -> dict[str, str]:
    return house.read(refused_configurations)


def test_changed_secret_disconnects_nobody(houses: list[House]) -> None:
    change_secret(houses[0].sandbox.world)

    for house in houses:
        withdraw(house)
        house.settle()
        house.retry()

    assert refused(houses[0]) == {"hubspot": "BAD_CLIENT_SECRET"}
    for house in houses:
        push = house.message("hubspot.sync_deal")
        assert house.connection("hubspot").status == "connected"
        assert (push.status, push.waits_for) == ("pending", "hubspot.configuration")
        assert house.messages("email.owner_reconnect") == []


def test_card_that_cannot_read_its_deal_notes_the_refusal(house: House) -> None:
    change_secret(house.sandbox.world)
    tokens.expire(house.sandbox.world, "148111")

    answer = house.card("/deals/5101?lang=fr")

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "hubspot_refuses")
    assert refused(house) == {"hubspot": "BAD_CLIENT_SECRET"}


def test_mended_secret_lets_all_tenants_go_on_at_once(houses: list[House]) -> None:
    change_secret(houses[0].sandbox.world)
    for house in houses:
        withdraw(house)
        house.settle()

    restore_secret(houses[0].sandbox.world)
    use(houses[0].runtime, houses[0].tenant_id)
    houses[0].settle()

    assert refused(houses[0]) == {}
    assert [house.deal("5101")["propale_status"] for house in houses] == ["withdrawn"] * 2


def test_unknown_refusal_of_a_refresh_keeps_the_tenant(house: House) -> None:
    house.send("5101")
    tokens.expire(house.sandbox.world, "148111")
    body = {"status": "BAD_MOON", "error": "invalid_moon"}
    house.fail("hubspot", method="POST", path="/oauth/2026-09/token", status=400, body=body)

    withdraw(house)
    house.settle()
    waiting = house.message("hubspot.sync_deal").waits_for
    house.retry()

    assert waiting == "hubspot.configuration"
    assert house.connection("hubspot").status == "connected"
    assert house.deal("5101")["propale_status"] == "withdrawn"


@pytest.mark.parametrize(
    "body",
    [
        {"status": "BAD_REFRESH_TOKEN"},
        {"status": "BAD_HUB", "error": "invalid_request"},
        {"error": "access_denied"},
        {"error": "invalid_grant", "status": "BAD_SOMETHING"},
    ],
)
def test_grant_that_is_gone_needs_a_reconnect(house: House, body: dict[str, str]) -> None:
    tokens.expire(house.sandbox.world, "148111")
    house.fail("hubspot", method="POST", path="/oauth/2026-09/token", status=400, body=body)

    with pytest.raises(ProviderError) as caught:
        use(house.runtime, house.tenant_id)

    assert caught.value.kind is FailureKind.AUTH
    assert house.connection("hubspot").status == "reconnect_needed"
    assert refused(house) == {}


def test_newest_of_two_secrets_is_used_for_oauth(house: House) -> None:
    old = house.runtime.settings.hubspot_client_secret
    new = change_secret(house.sandbox.world)
    both = replace(house.runtime.settings, hubspot_client_secret=Secret(f"{new}, {old}"))
    tokens.expire(house.sandbox.world, "148111")

    use(replace(house.runtime, settings=both), house.tenant_id)

    assert house.calls("hubspot").count(TOKEN) == 1
    assert refused(house) == {}
