"""The one way to HubSpot: the official client's pooled transport at our base URL.

The client's own methods speak paths that end in 2027, and its `api_request` ignores the host, so
only `ApiClient.call_api` is used. It keeps no state between calls and is shared by all threads.
"""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from hubspot.crm.objects.api_client import ApiClient
from hubspot.crm.objects.configuration import Configuration
from hubspot.crm.objects.exceptions import ApiException
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from app.errors import ProviderError
from app.failpoints import failpoint
from app.metrics.counts import counted
from app.providers.hubspot.failures import refused, silent, unreadable

DATED = "2026-09"
_SECONDS = (2, 10)  # to connect, to answer
_CONNECTIONS = 32
_AS_JSON = {200: "object", 201: "object", 202: "object", 207: "object"}


@counted("hubspot")
def call(
    api_base: str,
    method: str,
    path: str,
    *,
    token: str | None = None,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    write: bool = False,
) -> dict[str, Any]:
    """Make one HTTP call and return its JSON object, {} for 204. Raises ProviderError.

    `write` says that a call without an answer may have had its effect all the same.
    """
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    failpoint("hubspot.before")
    try:
        data, status, _ = _client(api_base.rstrip("/")).call_api(  # type: ignore[no-untyped-call]
            path,
            method,
            query_params=dict(query or {}),
            header_params=headers,
            body=body,
            post_params=list((form or {}).items()),
            response_types_map=_AS_JSON,
            _request_timeout=_SECONDS,
        )
    except (ApiException, HTTPError, AttributeError, UnicodeDecodeError) as error:
        raise _failure(error, write=write) from error
    finally:
        failpoint("hubspot.after")
    if status == HTTPStatus.NO_CONTENT:
        return {}
    if not isinstance(data, dict):
        raise unreadable(write=write)
    return data


@cache
def _client(api_base: str) -> ApiClient:
    configuration = Configuration(host=api_base)  # type: ignore[no-untyped-call]
    # Without this the pool repeats a call three times by itself.
    configuration.retries = Retry(total=False)
    configuration.connection_pool_maxsize = _CONNECTIONS
    return ApiClient(configuration)  # type: ignore[no-untyped-call]


def _failure(error: Exception, *, write: bool) -> ProviderError:
    if isinstance(error, HTTPError):
        return silent(error, write=write)
    # The client stumbles over error answers without a UTF-8 body: its own error hides the answer's.
    answer = error if isinstance(error, ApiException) else error.__context__
    if not isinstance(answer, ApiException):
        if isinstance(error, UnicodeDecodeError):
            return unreadable(write=write)
        raise error
    if not answer.status:
        return silent(answer, write=write)
    return refused(answer, write=write)
