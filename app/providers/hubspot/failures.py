"""HubSpot's refusals as our failures."""

import json
import re
from http import HTTPStatus
from typing import Any

from hubspot.crm.objects.exceptions import ApiException

from app.errors import FailureKind, ProviderError
from app.providers.outcome import (
    kind_of_silence,
    kind_of_status,
    late_seconds,
    retry_after,
    sentence,
)

PROVIDER = "hubspot"
# https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide
PROPERTY_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_LOCKED_SECONDS = 2.0  # what HubSpot asks for with 423


def refused(answer: ApiException, *, write: bool) -> ProviderError:
    """Read an error answer; a missing object has the code `not_found`, else HubSpot's category.

    https://developers.hubspot.com/docs/api-reference/error-handling
    """
    body = _parsed(answer.body)
    status = int(answer.status)
    code = _code(status, body)
    kind = kind_of_status(status, write=write)
    if status == HTTPStatus.FORBIDDEN and code == "MISSING_SCOPES":
        kind = FailureKind.BLOCKED  # the portal has to grant our scopes again
    wait = retry_after(answer.headers)
    said = sentence(body.get("message") or body.get("error_description") or f"status {status}")
    return ProviderError(
        PROVIDER,
        kind,
        _words(status, code, said),
        code=code,
        status=status,
        retry_after=_LOCKED_SECONDS if wait is None and status == HTTPStatus.LOCKED else wait,
        detail=said,
        complaints=_complaints(body),
    )


def silent(error: BaseException, *, write: bool) -> ProviderError:
    """No answer at all: refused connection, cut, time-out."""
    kind = kind_of_silence(error, write=write)
    late = late_seconds(error, kind)
    return ProviderError(
        PROVIDER, kind, "HubSpot did not answer.", code="no_answer", late_seconds=late
    )


def unreadable(*, write: bool) -> ProviderError:
    """A success whose body is no JSON object: probably a proxy answered, not HubSpot."""
    kind = FailureKind.UNKNOWN_OUTCOME if write else FailureKind.RETRYABLE
    return ProviderError(PROVIDER, kind, "HubSpot's answer was no JSON.", code="unreadable")


def _code(status: int, body: dict[str, Any]) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "not_found"
    # The token endpoint says `error` and a `status` of its own, which says more; the CRM says
    # `category`. OAuth's own word for a grant that is gone counts whatever else is said.
    error, own = body.get("error"), str(body.get("status") or "")
    exact = own if own.startswith("BAD_") and error != "invalid_grant" else ""
    said = exact or error or body.get("category") or own
    return str(said) if said and said != "error" else str(status)


def _complaints(body: dict[str, Any]) -> dict[str, str]:
    """The properties that the errors of a refusal name, each with its code."""
    found: dict[str, str] = {}
    for error in body.get("errors") or ():
        context = error.get("context") if isinstance(error, dict) else None
        for names in (context or {}).values() if isinstance(context, dict) else ():
            listed = names if isinstance(names, list) else [names]
            found |= {str(name): str(error.get("code") or "") for name in listed}
    return {name: code for name, code in found.items() if PROPERTY_NAME.fullmatch(name)}


def _words(status: int, code: str, said: str) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return "HubSpot no longer accepts our token."
    if code == "MISSING_SCOPES":
        return "HubSpot says that a permission is missing; install the app again to grant it."
    if status == HTTPStatus.NOT_FOUND:
        return "HubSpot does not know this object."
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "HubSpot asks us to slow down."
    return f"HubSpot refused the request: {said}"


def _parsed(body: object) -> dict[str, Any]:
    try:
        parsed = json.loads(str(body or "{}"))
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
