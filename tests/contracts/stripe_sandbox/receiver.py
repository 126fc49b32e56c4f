"""A small local receiver of webhooks that keeps what came and answers as it is told."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

import stripe

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Arrival:
    body: bytes
    signature: str


class Receiver:
    """`answers` are the next status codes, then 200."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.answers: list[int] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> Self:
        serve = partial(self._server.serve_forever, poll_interval=0.01)
        threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/webhooks"

    def events(self, secret: str) -> list[Any]:
        """What came, each with its signature checked by the real SDK."""
        return [
            stripe.Webhook.construct_event(arrival.body, arrival.signature, secret)
            for arrival in list(self.arrivals)
        ]

    def wait(self, true: Callable[[], bool], seconds: float = 10) -> None:
        """Wait until something is true of what came."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"only {len(self.arrivals)} arrivals"
            time.sleep(0.01)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.arrivals.append(Arrival(body, self.headers["Stripe-Signature"]))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
