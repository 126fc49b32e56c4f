"""The product's web side on a port of its own, for a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from werkzeug.serving import make_server

from app import create_app
from app.settings import Settings
from tests.support.servers import free_port

POLL_SECONDS = 0.02  # how soon a server hears that its test is over


@contextmanager
def on_a_port(
    environ: dict[str, str],
    host: str = "http://127.0.0.1",
    ssl_context: Literal["adhoc"] | None = None,
) -> Iterator[str]:
    """Serve the product until the block ends; its address, which it knows as its own."""
    port = free_port()
    origin = f"{host}:{port}"
    with serving({**environ, "PUBLIC_URL": origin}, port, ssl_context):
        yield origin


@contextmanager
def serving(
    environ: dict[str, str], port: int, ssl_context: Literal["adhoc"] | None = None
) -> Iterator[None]:
    """Serve the product there until the block ends, under whatever address it takes for its own."""
    app = create_app(Settings.from_env(environ))
    server = make_server("127.0.0.1", port, app, threaded=True, ssl_context=ssl_context)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        app.extensions["propale"].database.engine.dispose()
