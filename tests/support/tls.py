"""The proxy in front, as nginx would stand there: it ends TLS and says who called."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

_OWN_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive"}
_ADDED = "append"


class _Passing(BaseHTTPRequestHandler):
    """Passes a request on, target and body byte for byte; `passes` says what of the caller."""

    backend: tuple[str, int]
    passes: str

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wire = http.client.HTTPConnection(*self.backend, timeout=60)
        wire.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self._headers():
            wire.putheader(name, value)
        wire.endheaders(body)
        self._answer(wire.getresponse())
        wire.close()

    do_POST = do_HEAD = do_DELETE = do_PUT = do_PATCH = do_GET  # noqa: N815

    def _headers(self) -> list[tuple[str, str]]:
        said = [(name, value) for name, value in self.headers.items()]
        if self.passes != _ADDED:
            return said
        listed = [value for name, value in said if name.lower() == "x-forwarded-for"]
        kept = [(name, value) for name, value in said if name.lower() != "x-forwarded-for"]
        return [*kept, ("X-Forwarded-For", ", ".join([*listed, self.client_address[0]]))]

    def _answer(self, answer: http.client.HTTPResponse) -> None:
        body = answer.read()
        self.send_response(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _OWN_HEADERS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
        """Say nothing."""


class _Redirecting(BaseHTTPRequestHandler):
    """Leads every plain request to HTTPS."""

    def do_GET(self) -> None:
        self.send_response(301)
        self.send_header("Location", f"https://{self.headers['Host']}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    log_message = _Passing.log_message


@contextmanager
def in_front(
    backend: tuple[str, int],
    certificate: trustme.LeafCert,
    *,
    at: tuple[str, int],
    passes: str = _ADDED,
) -> Iterator[None]:
    """End TLS at `at` until the block ends; with another word, `passes` adds no address."""
    handler = type("Passing", (_Passing,), {"backend": backend, "passes": passes})
    server = ThreadingHTTPServer(at, handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with _serving(server):
        yield


@contextmanager
def leading_to_https(at: tuple[str, int]) -> Iterator[None]:
    """Answer plain HTTP at `at` with redirects until the block ends."""
    with _serving(ThreadingHTTPServer(at, _Redirecting)):
        yield


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[None]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An authority that nobody knows, unless a test asks for `trusted_authority`."""
    return trustme.CA()


@pytest.fixture
def trusted_authority(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> trustme.CA:
    """The authority, trusted by this process while the test runs."""
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    return authority
