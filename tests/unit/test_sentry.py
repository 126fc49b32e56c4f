"""What Sentry is told: errors with their trace, no secret, and nothing without a DSN."""

from __future__ import annotations

import gzip
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sentry_sdk

from app.logs import get_logger, start_logging
from app.settings import Settings
from app.trail import trail
from tests.support.environ import CLOSED
from tests.support.logs import logging_put_back

# Not written out: Sentry shows the lines of source around an error.
DIGITS = "".join(map(str, range(10)))


@dataclass
class Sentry:
    """Sentry's door, played: it keeps what arrives."""

    dsn: str = ""
    bodies: list[str] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        sentry_sdk.flush(5)
        items = [body.splitlines() for body in self.bodies]
        return [json.loads(lines[2]) for lines in items if '"type":"event"' in lines[1]]


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    kept = Sentry()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            kept.bodies.append(body.decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    kept.dsn = f"http://public@127.0.0.1:{server.server_port}/1"
    yield kept
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)
    server.shutdown()
    server.server_close()


@pytest.fixture
def watched(sentry: Sentry) -> Iterator[Sentry]:
    """A process that logs to a Sentry."""
    with logging_put_back():
        start_logging(Settings.from_env({**CLOSED, "SENTRY_DSN": sentry.dsn}))
        yield sentry


def fail() -> None:
    key = CLOSED["SECRET_KEY"]
    raise ValueError(f"refused sk_live_{DIGITS} and {key}")


def test_error_comes_with_its_trace_and_trail(watched: Sentry) -> None:
    with trail("a-request-id", tenant=3):
        try:
            fail()
        except ValueError:
            get_logger("tests").exception("an error of ours", detail="here")

    [event] = watched.events()
    assert event["message"] == "an error of ours"
    assert event["tags"] == {"request_id": "a-request-id", "tenant": "3", "module": "tests"}
    assert event["extra"]["detail"] == "here"
    [told] = event["exception"]["values"]
    assert told["type"] == "ValueError"
    assert told["stacktrace"]["frames"][-1]["function"] == "fail"


def test_no_secret_leaves(watched: Sentry) -> None:
    try:
        fail()
    except ValueError:
        get_logger("tests").exception(f"with whsec_{DIGITS}", link=f"/p/{DIGITS * 3}")

    assert watched.events()
    for word in (DIGITS, CLOSED["SECRET_KEY"]):
        assert word not in "".join(watched.bodies)


def test_error_of_a_library_is_told_too(watched: Sentry) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("library").exception("%s failed", "it")

    [event] = watched.events()
    assert (event["message"], event["logger"]) == ("it failed", "library")
    assert event["exception"]["values"][0]["type"] == "ValueError"


def test_what_is_no_error_is_not_told(watched: Sentry) -> None:
    get_logger("tests").warning("a refusal")

    assert watched.events() == []


def test_without_a_dsn_nothing_is_told(sentry: Sentry) -> None:
    with logging_put_back():
        start_logging(Settings.from_env(CLOSED))
        get_logger("tests").error("an error")

    assert not sentry_sdk.get_client().is_active()
    assert sentry.bodies == []
