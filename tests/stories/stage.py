"""The page that shows a story: the sandbox's card host around the bundle as it was built."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, render_template_string, send_from_directory
from werkzeug.serving import make_server

from tests.stories.states import WIDTHS, Story, stories

ROOT = Path(__file__).parents[2]
BUILT = (ROOT / "hubspot_cards" / "dist", ROOT / "sandbox" / "card_host" / "dist")
PAGE = """<!doctype html><html lang="{{ page.context.user.locale[:2] }}"><meta charset="utf-8">
<title>{{ title }}</title><link rel="stylesheet" href="/static/host.css">
<style>body { margin: 0; background: #fff } #card { width: {{ width }}px; padding: 16px }</style>
<main><h1 hidden>{{ title }}</h1><div id="card"></div></main>
<script type="application/json" class="card-context">{{ page|tojson }}</script>
<script type="module" src="/static/host.js"></script></html>"""


@contextmanager
def stage() -> Iterator[str]:
    """Serve every story at `/<place>/<name>`; gives the address of the server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, _app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def _app() -> Flask:
    app = Flask(__name__, static_folder=None)
    told = {story.name: story for story in stories()}

    @app.get("/static/<name>")
    def built(name: str) -> Response:
        return send_from_directory(next(f for f in BUILT if (f / name).exists()), name)

    @app.get("/<place>/<name>")
    def show(place: str, name: str) -> str:
        page = _page(told[name], place)
        return render_template_string(PAGE, title=name, width=WIDTHS[place], page=page)

    @app.post("/proxy/<name>")
    def answer(name: str) -> tuple[Response, int]:
        story = told[name]
        if not story.status:
            threading.Event().wait(60)  # the picture is taken while the card waits
        return jsonify(story.answer), story.status

    return app


def _page(story: Story, place: str) -> dict[str, Any]:
    user = {
        "id": 7001,
        "email": "dana@maison.example",
        "firstName": "Dana",
        "lastName": "Petit",
        "locale": story.locale,
        "language": story.locale[:2],
    }
    shown_in = "settings" if story.bundle == "settings" else f"crm.record.{place}"
    context = {
        "location": shown_in,
        "user": user,
        "portal": {"id": 148111, "timezone": "Europe/Paris"},
        "crm": {"objectId": 4711, "objectTypeId": "0-3"},
        "variables": {"BACKEND_URL": "http://propale.test"} if story.configured else {},
    }
    return {
        "context": context,
        "cardUrl": f"/static/{story.bundle}.js",
        "workerUrl": "/static/worker.js",
        "proxyUrl": f"/proxy/{story.name}",
        "mount": "#card",
    }
