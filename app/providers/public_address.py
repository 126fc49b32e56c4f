"""Our own public address as a stranger on the Internet reaches it."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography import x509

SECONDS = (5, 10)  # to connect, to answer
HTTPS = 443
# https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/#error-codes
_EXPIRED, _OTHER_NAME = 10, 62


class UnreachableError(Exception):
    """No answer; `why` is `silent`, or `untrusted`, `expired`, `other_name` of a certificate."""

    def __init__(self, why: str, words: str) -> None:
        super().__init__(words)
        self.why = why
        self.words = words


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, the address it leads to ("" for none), its JSON object ({} where there is none)."""

    status: int
    location: str
    data: dict[str, Any]


def ask(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """GET exactly this address, following nothing; raises `UnreachableError`."""
    try:
        with requests.Session() as stranger:
            answer = stranger.get(
                url, headers=dict(headers or {}), timeout=SECONDS, allow_redirects=False
            )
    except requests.exceptions.SSLError as error:
        raise _untrusted(error) from error
    except requests.RequestException as error:
        raise UnreachableError("silent", _innermost(error)) from error
    return Answer(answer.status_code, answer.headers.get("Location", ""), _object(answer))


def certificate_end(url: str) -> datetime:
    """When the certificate of an address that was reached ends."""
    parts = urlsplit(url)
    seconds = float(sum(SECONDS))
    address = parts.hostname or "", parts.port or HTTPS
    shown = ssl.get_server_certificate(address, timeout=seconds)
    return x509.load_pem_x509_certificate(shown.encode()).not_valid_after_utc


def _object(answer: requests.Response) -> dict[str, Any]:
    try:
        data = answer.json()
    except (JSONDecodeError, requests.exceptions.JSONDecodeError, UnicodeDecodeError):
        return {}
    return data if isinstance(data, dict) else {}


def _untrusted(error: requests.exceptions.SSLError) -> UnreachableError:
    refused = next((one for one in _inside(error) if isinstance(one, ssl.SSLError)), None)
    if not isinstance(refused, ssl.SSLCertVerificationError):
        return UnreachableError("silent", _innermost(error))
    named = {_EXPIRED: "expired", _OTHER_NAME: "other_name"}
    return UnreachableError(named.get(refused.verify_code, "untrusted"), refused.verify_message)


def _innermost(error: BaseException) -> str:
    return str(_inside(error)[-1])


def _inside(error: BaseException) -> list[BaseException]:
    """The error and those that it wraps, in the ways of `requests` and `urllib3`."""
    found = [error]
    while True:
        wrapped = [getattr(found[-1], "reason", None), found[-1].__cause__, *found[-1].args]
        inner = next((one for one in wrapped if isinstance(one, BaseException)), None)
        if inner is None or inner in found:
            return found
        found.append(inner)
