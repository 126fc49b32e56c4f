"""OAuth with the sandbox's HubSpot: tokens made, refreshed, refused."""

import pytest

from app.errors import FailureKind, ProviderError
from app.providers.hubspot import oauth
from app.providers.hubspot.answers import Tokens
from sandbox.hubspot.tokens import uninstall
from sandbox.server import Server
from tests.contracts.providers.conftest import VERIFIER, Installer

TOKEN_PATH = "/oauth/2026-09/token"


def refresh(sandbox: Server, token: str, secret: str | None = None) -> Tokens:
    settings = sandbox.world.settings
    return oauth.refresh_tokens(
        settings.hubspot_api_base,
        settings.hubspot_client_id,
        secret or settings.hubspot_client_secret,
        token,
    )


def test_code_becomes_the_portals_tokens(installer: Installer) -> None:
    tokens = installer.install()

    assert (tokens.hub_id, tokens.user_id, tokens.expires_in) == (148111, 7001, 1800)
    assert set(tokens.scopes) == set(oauth.SCOPES)


def test_code_without_the_verifier_is_worth_nothing(installer: Installer) -> None:
    settings = installer.sandbox.world.settings

    with pytest.raises(ProviderError) as refused:
        oauth.exchange_code(
            settings.hubspot_api_base,
            settings.hubspot_client_id,
            settings.hubspot_client_secret,
            installer.redirect_uri,
            code=installer.approve(),
            verifier="another-browsers",
        )

    assert refused.value.kind is FailureKind.AUTH


def test_revoked_token_refreshes_no_more(sandbox: Server, installer: Installer) -> None:
    tokens, settings = installer.install(), sandbox.world.settings
    client = settings.hubspot_client_id, settings.hubspot_client_secret

    oauth.revoke_token(settings.hubspot_api_base, *client, tokens.refresh_token)

    with pytest.raises(ProviderError) as refused:
        refresh(sandbox, tokens.refresh_token)
    assert refused.value.kind is FailureKind.AUTH


def test_code_used_twice_is_auth(installer: Installer) -> None:
    settings = installer.sandbox.world.settings
    code = installer.approve()
    given = (
        settings.hubspot_api_base,
        settings.hubspot_client_id,
        settings.hubspot_client_secret,
        installer.redirect_uri,
    )
    oauth.exchange_code(*given, code=code, verifier=VERIFIER)

    with pytest.raises(ProviderError) as refused:
        oauth.exchange_code(*given, code=code, verifier=VERIFIER)

    assert refused.value.kind is FailureKind.AUTH
    assert code not in str(refused.value)


def test_refresh_gives_a_pair_that_works(sandbox: Server, installer: Installer) -> None:
    fresh = refresh(sandbox, installer.install().refresh_token)

    api_base = sandbox.world.settings.hubspot_api_base
    details = oauth.account_details(api_base, fresh.access_token)
    assert details.currency == "EUR"
    assert details.time_zone == "Europe/Paris"


def test_uninstalled_portal_is_auth(sandbox: Server, installer: Installer) -> None:
    tokens = installer.install()
    uninstall(sandbox.world, "148111")

    with pytest.raises(ProviderError) as refused:
        refresh(sandbox, tokens.refresh_token)

    assert refused.value.kind is FailureKind.AUTH


def test_wrong_secret_is_ours_to_mend(sandbox: Server, installer: Installer) -> None:
    tokens = installer.install()

    with pytest.raises(ProviderError) as refused:
        refresh(sandbox, tokens.refresh_token, secret="wrong-secret")

    found = (refused.value.kind, refused.value.code)
    assert found == (FailureKind.CONFIGURATION, "BAD_CLIENT_SECRET")
    assert "configuration" in refused.value.message


@pytest.mark.parametrize("status", [423, 429, 477, 500, 503])
def test_refresh_that_failed_for_now_is_retryable(
    sandbox: Server, installer: Installer, status: int
) -> None:
    tokens = installer.install()
    sandbox.world.faults.arm(vendor="hubspot", path=TOKEN_PATH, status=status)

    with pytest.raises(ProviderError) as failed:
        refresh(sandbox, tokens.refresh_token)

    assert failed.value.kind is FailureKind.RETRYABLE
    assert refresh(sandbox, tokens.refresh_token).access_token


def test_lost_refresh_can_be_repeated(sandbox: Server, installer: Installer) -> None:
    tokens = installer.install()
    sandbox.world.faults.arm(vendor="hubspot", path=TOKEN_PATH, cut="after")

    with pytest.raises(ProviderError) as failed:
        refresh(sandbox, tokens.refresh_token)

    assert failed.value.kind is FailureKind.RETRYABLE
    assert refresh(sandbox, tokens.refresh_token).hub_id == 148111


def test_installers_address_is_introspected(sandbox: Server, installer: Installer) -> None:
    settings = sandbox.world.settings
    token = installer.install().access_token

    email = oauth.installer_email(
        settings.hubspot_api_base, settings.hubspot_client_id, settings.hubspot_client_secret, token
    )

    assert email == "dana@maison.example"
