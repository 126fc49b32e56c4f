"""A real browser on every page: nothing on them breaks the policy that they are sent with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext
from werkzeug.serving import make_server

from app.accounts.sessions import open_session
from tests.factories import return_token_of, token_of
from tests.support.house import House
from tests.web.serving import POLL_SECONDS
from tests.web.test_route_auth import ROUTES

# Chromium tells the document what it refused, and why.
# https://www.w3.org/TR/CSP3/#violation-events
LISTEN = """window.refused = [];
document.addEventListener('securitypolicyviolation', event =>
    window.refused.push(event.effectiveDirective + ' ' + event.blockedURI));"""


@contextmanager
def served(house: House) -> Iterator[str]:
    """The house's own web side on a port."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def pages(house: House) -> list[str]:
    """Every page of ours that has an address of its own, and the customer's."""
    plain = {r.rule for r, method, _ in ROUTES if method == "GET" and not r.arguments}
    files = {"/install", "/journal.csv"}  # to HubSpot, and into the downloads
    purchase = house.accept(house.send("5101"))
    other = house.send("5102")
    return [
        *sorted(plain - files),
        f"/p/{token_of(other)}",
        f"/d/{other.public_id}",
        f"/p/{token_of(house.proposal('5101'))}",
        f"/r/{return_token_of(purchase)}?done=1",
        f"/p/{'x' * 43}",
        "/sign-in/used",
        "/nowhere",
    ]


def test_no_page_breaks_its_own_policy(
    house: House, new_context: Callable[..., BrowserContext]
) -> None:
    paths = pages(house)
    with house.runtime.database.writing(house.tenant_id) as session:
        token = open_session(
            session, house.tenant_id, house.account.user, "dana@maison.example", ""
        )
    with served(house) as origin:
        context = new_context(locale="fr-FR")
        context.add_init_script(LISTEN)
        context.add_cookies([{"name": "propale", "value": token, "url": origin}])
        page = context.new_page()

        refused: dict[str, Any] = {}
        for path in paths:
            page.goto(origin + path)
            refused[path] = page.evaluate("window.refused")
        page.evaluate("""() => {
            const style = document.createElement('style');
            document.head.append(style, document.createElement('script'));
            style.textContent = 'p { color: red }';
            document.querySelector('script').src = '/x.js'; }""")
        page.wait_for_function("window.refused.length > 1")

    assert len(paths) > 12
    assert {path: words for path, words in refused.items() if words} == {}
