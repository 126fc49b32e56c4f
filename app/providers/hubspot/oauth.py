"""Tokens: the code exchange at install, and their refresh."""

from typing import Any

from app.errors import FailureKind, ProviderError
from app.providers.hubspot.answers import AccountDetails, Tokens
from app.providers.hubspot.authorize import SCOPES, authorize_url
from app.providers.hubspot.transport import DATED, call

__all__ = [
    "SCOPES",
    "account_details",
    "authorize_url",
    "exchange_code",
    "installer_email",
    "refresh_tokens",
    "revoke_token",
    "try_client",
]

_TOKEN_PATH = f"/oauth/{DATED}/token"
_GRANT_GONE = frozenset(
    {"invalid_grant", "access_denied", "BAD_REFRESH_TOKEN", "BAD_HUB", "BAD_AUTH_CODE"}
)


def exchange_code(
    api_base: str,
    client_id: str,
    client_secret: str,
    redirect_uri: str,
    *,
    code: str,
    verifier: str,
) -> Tokens:
    """Exchange the callback's code for tokens. A code that was used or is too old: AUTH.

    `verifier` is the one with whose challenge the authorize address was made (PKCE, RFC 7636).

    https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens
    """
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": redirect_uri,
        "code": code,
        "code_verifier": verifier,
    }
    return _tokens(api_base, client_id, client_secret, form)


def refresh_tokens(api_base: str, client_id: str, client_secret: str, refresh_token: str) -> Tokens:
    """Get new tokens for a portal. AUTH: it uninstalled us.

    CONFIGURATION: HubSpot refuses our own client id or secret, or says what nobody knows yet: that
    is no reason to give up a portal.

    No answer is RETRYABLE: the old refresh token stays valid.
    https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _tokens(api_base, client_id, client_secret, form)


def account_details(api_base: str, access_token: str) -> AccountDetails:
    """Read the portal's currency, time zone and kind (scope `oauth`).

    https://developers.hubspot.com/docs/api-reference/latest/account/account-information/guide
    """
    data = call(api_base, "GET", f"/account-info/{DATED}/details", token=access_token)
    return AccountDetails(
        currency=str(data.get("companyCurrency") or ""),
        time_zone=str(data.get("timeZone") or ""),
        is_test=data.get("accountType") != "STANDARD",
    )


def installer_email(api_base: str, client_id: str, client_secret: str, access_token: str) -> str:
    """Read the e-mail of the person who installed us, "" where HubSpot does not say.

    https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens
    """
    form = {"token": access_token, "token_type_hint": "access_token"}
    data = _post(api_base, f"{_TOKEN_PATH}/introspect", client_id, client_secret, form)
    return str(data.get("user") or "")


def try_client(api_base: str, client_id: str, client_secret: str) -> None:
    """Ask about a token that nobody has, which changes nothing; raises as `refresh_tokens` does.

    https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens
    """
    form = {"token": "nobody-has-this-token", "token_type_hint": "access_token"}
    _post(api_base, f"{_TOKEN_PATH}/introspect", client_id, client_secret, form)


def revoke_token(api_base: str, client_id: str, client_secret: str, refresh_token: str) -> None:
    """Make a refresh token worthless; access tokens made with it live their half hour.

    https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens
    """
    form = {"token": refresh_token, "token_type_hint": "refresh_token"}
    _post(api_base, f"{_TOKEN_PATH}/revoke", client_id, client_secret, form)


def _tokens(api_base: str, client_id: str, client_secret: str, form: dict[str, str]) -> Tokens:
    data = _post(api_base, _TOKEN_PATH, client_id, client_secret, form)
    return Tokens(
        access_token=data["access_token"],
        refresh_token=data.get("refresh_token") or form["refresh_token"],
        expires_in=int(data["expires_in"]),
        hub_id=int(data["hub_id"]),
        user_id=int(data.get("user_id") or 0),
        scopes=tuple(map(str, data.get("scopes") or ())),
    )


def _post(
    api_base: str, path: str, client_id: str, client_secret: str, form: dict[str, str]
) -> dict[str, Any]:
    credentials = {"client_id": client_id, "client_secret": client_secret}
    try:
        return call(api_base, "POST", path, form={**form, **credentials})
    except ProviderError as failure:
        raise _read_again(failure) from failure


def _read_again(failure: ProviderError) -> ProviderError:
    if failure.kind is FailureKind.RETRYABLE:
        return failure
    # HubSpot's own words may quote a token here, so they are not passed on.
    gone = failure.code in _GRANT_GONE
    message = "The grant is no longer valid." if gone else "Our HubSpot configuration was refused."
    kind = FailureKind.AUTH if gone else FailureKind.CONFIGURATION
    return ProviderError(failure.provider, kind, message, code=failure.code, status=failure.status)
