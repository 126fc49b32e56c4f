"""The invoice PDF's download: hosts, redirects, size, and what is no PDF."""

import socket
import threading
import time

import pytest
import responses

from app.errors import FailureKind, ProviderError
from app.providers import downloads
from app.providers.downloads import fetch_invoice_pdf

URL = "https://pay.stripe.com/invoice/acct_1/live_1/pdf?s=ap"
PDF = b"%PDF-1.7\n" + b"x" * 200_000


def refusal(url: str, allowed: tuple[str, ...] = (), seconds: float = 10.0) -> ProviderError:
    with pytest.raises(ProviderError) as refused:
        fetch_invoice_pdf(url, allowed, seconds=seconds)
    return refused.value


@responses.activate
def test_known_host_gives_the_pdf() -> None:
    responses.get(URL, body=PDF)

    assert fetch_invoice_pdf(URL) == PDF


@pytest.mark.parametrize(
    "url",
    [
        "http://pay.stripe.com/i.pdf",
        "https://evil.example/i.pdf",
        "https://pay.stripe.com.evil.example/i.pdf",
        "https://pay.stripe.com@evil.example/i.pdf",
        "https://pay.stripe.com:8443/i.pdf",
        "https://evil.example\\@pay.stripe.com/",
        "file:///etc/passwd",
        "http://127.0.0.1:9/i.pdf",
        "",
    ],
)
@responses.activate
def test_other_host_is_refused_without_a_call(url: str) -> None:
    assert refusal(url).code == "unknown_host"
    assert not responses.calls


@responses.activate
def test_allowed_host_beyond_the_loopback_needs_https() -> None:
    assert refusal("http://stripe.internal:8001/i.pdf", ("stripe.internal:8001",)).code == (
        "unknown_host"
    )


@responses.activate
def test_redirect_is_not_followed() -> None:
    responses.get(URL, status=302, headers={"Location": "http://169.254.169.254/"})

    error = refusal(URL)

    assert (error.kind, error.code) == (FailureKind.PERMANENT, "redirected")
    assert len(responses.calls) == 1


@responses.activate
def test_more_than_ten_megabytes_are_refused() -> None:
    responses.get(URL, body=b"%PDF-" + b"x" * downloads.LARGEST_BYTES)

    assert refusal(URL).code == "too_large"


@responses.activate
def test_page_instead_of_a_pdf_may_pass() -> None:
    responses.get(URL, body=b"<html>")

    error = refusal(URL)

    assert (error.kind, error.code) == (FailureKind.RETRYABLE, "not_a_pdf")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, FailureKind.PERMANENT), (401, FailureKind.PERMANENT), (503, FailureKind.RETRYABLE)],
)
@responses.activate
def test_error_answer_has_its_kind(status: int, kind: FailureKind) -> None:
    responses.get(URL, status=status)

    assert refusal(URL).kind is kind


def test_refused_connection_is_retryable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{closed.getsockname()[1]}"

    assert refusal(f"http://{place}/i.pdf", (place,)).kind is FailureKind.RETRYABLE


def test_dripping_server_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server,), daemon=True).start()
        place = f"127.0.0.1:{server.getsockname()[1]}"
        started = time.monotonic()

        error = refusal(f"http://{place}/i.pdf", (place,), seconds=0.5)

    assert error.kind is FailureKind.RETRYABLE
    assert time.monotonic() - started < 2


def _drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n%PDF-")
        for _ in range(100):
            time.sleep(0.1)
            try:
                connection.sendall(b"x")
            except OSError:
                return
