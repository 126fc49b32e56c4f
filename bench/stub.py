"""A vendor that answers `GET /<status>/<milliseconds>` so, after so long; else 200 at once.

`python -m bench.stub PORT` serves it.
"""

from __future__ import annotations

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from bench.servers import free_port

if TYPE_CHECKING:
    from bench.servers import Stage


class Vendor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, _, milliseconds = self.path[1:].partition("/")
        status, milliseconds = (status, milliseconds) if milliseconds else ("200", "0")
        time.sleep(int(milliseconds) / 1000)
        self.send_response(int(status))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def start(here: Stage) -> str:
    """Start one and return its address once it answers."""
    port = free_port()
    here.processes.start("stub", sys.executable, "-m", "bench.stub", port)
    here.wait_for_answers(port, "stub")
    return f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Vendor).serve_forever()
