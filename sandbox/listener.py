"""HTTP/1.1 with connections that stay open, which werkzeug's own handler does not allow."""

from __future__ import annotations

import contextlib
import io
import socket
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from sandbox.gateway import ConnectionCutError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_NO_BODY = (204, 304)


class KeepAliveHandler(WSGIRequestHandler):
    """Reads each request whole, answers it whole, and keeps the connection for the next."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self._open_connections().add(self.connection)

    def finish(self) -> None:
        self._open_connections().discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def run_wsgi(self) -> None:
        """Take the place of werkzeug's version, which closes after every answer."""
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.environ = environ = self.make_environ()
        length = self._length()
        body = environ["wsgi.input"].read(*length)
        if length and len(body) < length[0]:
            self._cut()  # its sender died in the middle of it; nobody works half a request
            return
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        try:
            chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except ConnectionCutError:
            self._cut()
            return
        self._answer(status, list(headers), b"".join(chunks))

    def _length(self) -> tuple[int, ...]:
        if self.environ.get("wsgi.input_terminated"):
            return ()
        return (int(self.headers.get("Content-Length") or 0),)

    def _answer(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        has_body = int(code) not in _NO_BODY
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        if has_body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(body)

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _open_connections(self) -> set[socket.socket]:
        server = self.server
        if not isinstance(server, KeepAliveServer):
            raise TypeError("KeepAliveHandler belongs to a KeepAliveServer")
        return server.connections

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing: the journal keeps the arrivals."""


class KeepAliveServer(ThreadedWSGIServer):
    """One thread a connection; closing the server closes the connections that are still open."""

    request_queue_size = 128

    def __init__(self, address: tuple[str, int], app: WSGIApplication) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*address, app, handler=KeepAliveHandler)

    def end(self) -> None:
        """Stop accepting and drop every connection."""
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
