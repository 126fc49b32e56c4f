"""Stripe's invoice PDF, fetched from known hosts only."""

import time
from collections.abc import Collection, Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from app.errors import FailureKind, ProviderError
from app.failpoints import failpoint
from app.metrics.counts import counted
from app.providers.outcome import kind_of_status

PROVIDER = "stripe"
INVOICE_HOSTS = frozenset({"pay.stripe.com", "files.stripe.com", "invoice.stripe.com"})
LARGEST_BYTES = 10 * 1024 * 1024
LONGEST_SECONDS = 10.0
_CHUNK = 64 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@counted("stripe_pdf")
def fetch_invoice_pdf(
    url: str, allowed_hosts: Collection[str] = (), *, seconds: float = LONGEST_SECONDS
) -> bytes:
    """Fetch a PDF of at most 10 MB within `seconds`, following no redirect.

    `allowed_hosts` adds `host:port` of a Stripe that is played locally; plain http is taken from
    those alone, and on the loopback only. Raises ProviderError: RETRYABLE without an answer
    or with a page instead of a PDF, which some proxy may have sent, PERMANENT for anything else.
    """
    if not _is_known(url, allowed_hosts):
        host = urlsplit(url).hostname
        raise _refused(f"The invoice's PDF is on {host}, a host we do not know.", "unknown_host")
    deadline = time.monotonic() + seconds
    failpoint("download.before")
    try:
        with requests.get(
            url,
            timeout=(2, 5),
            stream=True,
            allow_redirects=False,
            headers={"Accept-Encoding": "identity"},
        ) as answer:
            return _pdf(answer, deadline)
    except (requests.RequestException, HTTPError, OSError) as error:
        raise _late() from error
    finally:
        failpoint("download.after")


def _is_known(url: str, allowed_hosts: Collection[str]) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.netloc in INVOICE_HOSTS:
        return True
    return parts.scheme == "http" and parts.netloc in allowed_hosts and parts.hostname in _LOOPBACK


def _pdf(answer: requests.Response, deadline: float) -> bytes:
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        kind = kind_of_status(answer.status_code, write=False)
        kind = FailureKind.PERMANENT if kind is FailureKind.AUTH else kind
        message = f"The invoice's PDF answered with status {answer.status_code}."
        raise ProviderError(PROVIDER, kind, message, code="pdf", status=answer.status_code)
    if answer.status_code != HTTPStatus.OK:
        raise _refused("The invoice's PDF has moved elsewhere.", "redirected")
    content = bytearray()
    for chunk in _chunks(answer):
        content += chunk
        if len(content) > LARGEST_BYTES:
            raise _refused("The invoice's PDF is over 10 MB.", "too_large")
        if time.monotonic() > deadline:
            raise _late()
    if not content.startswith(b"%PDF-"):
        message = "What Stripe sent as the invoice's PDF is none."
        raise ProviderError(PROVIDER, FailureKind.RETRYABLE, message, code="not_a_pdf")
    return bytes(content)


def _chunks(answer: requests.Response) -> Iterator[bytes]:
    # read1 returns what has arrived, so a very slow server cannot block us past the deadline.
    while chunk := answer.raw.read1(_CHUNK):
        yield chunk


def _refused(message: str, code: str) -> ProviderError:
    return ProviderError(PROVIDER, FailureKind.PERMANENT, message, code=code)


def _late() -> ProviderError:
    message = "The invoice's PDF did not arrive in time."
    return ProviderError(PROVIDER, FailureKind.RETRYABLE, message, code="no_answer")
