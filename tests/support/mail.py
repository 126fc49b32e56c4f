"""A mail server as providers run them: it wants TLS, and a login."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.support.servers import free_port


@dataclass
class MailServer:
    """`place` is its host and port; `taken` holds each mail as it came."""

    place: str
    taken: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope.content)
        return "250 OK"


def _let_in(*given: object) -> AuthResult:
    """Who knows the password."""
    login = given[-1]
    known = isinstance(login, LoginPassword) and login.password == b"right"
    return AuthResult(success=known, handled=known)


@contextmanager
def mail_server(certificate: trustme.LeafCert) -> Iterator[MailServer]:
    """A server at localhost that takes mail after STARTTLS and the password `right`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    server = MailServer(f"localhost:{free_port()}")
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=int(server.place.partition(":")[2]),
        tls_context=context,
        auth_required=True,
        authenticator=_let_in,
    )
    controller.start()
    yield server
    controller.stop()
