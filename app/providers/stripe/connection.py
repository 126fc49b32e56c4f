"""The one way to Stripe: a client per key over one process-wide pool of connections."""

from collections.abc import Callable, Mapping
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import stripe
from requests.adapters import HTTPAdapter

from app.failpoints import failpoint
from app.metrics.counts import counted
from app.providers.stripe.failures import failure, unreadable

API_VERSION = "2026-10-28.endive"
_SECONDS_TO_CONNECT = 5.0
_CONNECTIONS = 32

# Else the SDK writes an identifier into the home folder and sends timings with each call.
stripe.enable_telemetry = False


class Connection:
    """A key and the base URL it is used at; subclasses group the calls by subject.

    One object may be used by several threads. A call is given up after `seconds`; every call
    raises ProviderError and nothing else.
    """

    def __init__(
        self,
        api_key: str,
        api_base: str,
        *,
        account: str | None = None,
        seconds: float = 30.0,
        key_prefix: str = "",
    ) -> None:
        """`account`: the key is our platform's, and every call is made on this connected account.

        `key_prefix` sets the idempotency keys of one installation apart from another's.
        https://docs.stripe.com/connect/authentication
        """
        self._key_prefix = key_prefix
        self._by_platform = account is not None
        self._livemode = "_live_" in api_key
        client = stripe.StripeClient(
            api_key,
            stripe_account=account,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base.rstrip("/")},
            max_network_retries=0,
            http_client=_http_client(seconds),
        )
        self._v1 = client.v1
        self._client = client

    def _read(
        self, operation: Callable[..., Any], *ids: str, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        return _plain(operation, *ids, params=params, write=False, by_platform=self._by_platform)

    def _raw(
        self, method: str, path: str, params: Mapping[str, Any] | None
    ) -> stripe.StripeResponse:
        """The operation that calls a path without making the SDK's objects of the answer."""
        answer: stripe.StripeResponse = self._client.raw_request(method, path, **(params or {}))
        return answer

    def _write(
        self,
        operation: Callable[..., Any],
        *ids: str,
        params: Mapping[str, Any] | None = None,
        operation_key: str | None = None,
    ) -> dict[str, Any]:
        options = {"idempotency_key": self._key_prefix + operation_key} if operation_key else None
        given = {"params": params, "options": options}
        return _plain(operation, *ids, write=True, by_platform=self._by_platform, **given)


@counted("stripe")
def _plain(
    operation: Callable[..., Any], *ids: str, write: bool, by_platform: bool, **given: Any
) -> dict[str, Any]:
    failpoint("stripe.before")
    try:
        answer = operation(*ids, **given)
    except stripe.StripeError as error:
        raise failure(error, write=write, by_platform=by_platform) from error
    except UnicodeDecodeError as error:  # the SDK stumbles over an answer that is no text
        raise unreadable(write=write) from error
    finally:
        failpoint("stripe.after")
    plain = answer.data if isinstance(answer, stripe.StripeResponse) else answer.to_dict()
    if not isinstance(plain, dict):
        raise unreadable(write=write)
    return plain


@cache
def _http_client(seconds: float) -> stripe.RequestsClient:
    session = requests.Session()
    # Threads share the session: they share connections, and must share no cookies.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=_CONNECTIONS, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return stripe.RequestsClient(timeout=(_SECONDS_TO_CONNECT, seconds), session=session)
