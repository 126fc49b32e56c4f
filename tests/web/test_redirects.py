"""No parameter leads a browser away: whatever an address carries, it stays with us."""

from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.factories import return_token_of, token_of
from tests.support.house import House
from tests.web.browsing import signed_in
from tests.web.test_route_auth import ROUTES

EVIL = "evil.example"
PAYLOADS = [
    *(f"http://{EVIL}", f"https://{EVIL}/", f"//{EVIL}", f"///{EVIL}", f"////{EVIL}/%2e%2e"),
    *(f"/\\{EVIL}", f"\\\\{EVIL}", f"/\\/{EVIL}", f"\\/\\/{EVIL}", f"/%09/{EVIL}", f"/\t/{EVIL}"),
    *(f"https:{EVIL}", f"https:/{EVIL}", f"https:\\\\{EVIL}", f"http:///{EVIL}", f"ftp://{EVIL}"),
    *(f"http://propale.test@{EVIL}", f"http://propale.test.{EVIL}", f"http://{EVIL}#propale.test"),
    *(f"http://{EVIL}?propale.test", f"http://propale.test:80@{EVIL}", f"%2f%2f{EVIL}", f".{EVIL}"),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x"),
    *("vbscript:x", f"/%0d%0aLocation: http://{EVIL}", f"\r\nLocation: http://{EVIL}", f"〱{EVIL}"),
    *(f"http://{EVIL}\u3002test", f"/./../{EVIL}", f"/;@{EVIL}", f"?next=//{EVIL}"),
]
# Those our routes read, and those that other programs would.
NAMES = (
    *("saved", "lang", "go", "done", "read", "check", "state", "code", "error", "tried"),
    *("next", "url", "redirect", "redirect_uri", "return_to", "returnUrl", "continue", "to"),
)


def goes_astray(location: str | None, house: House) -> bool:
    """Whether a browser would leave us for anybody but HubSpot's own page."""
    if location is None:
        return False
    parts = urlsplit(location)
    known = {"", "propale.test", urlsplit(house.runtime.settings.hubspot_app_base).netloc}
    odd = "\\" in location.partition("?")[0] or any(ord(sign) < 33 for sign in location)
    return parts.netloc not in known or parts.scheme not in {"", "http"} or odd


def visits(house: House) -> list[tuple[FlaskClient, str]]:
    """Every page that can be opened without an id, and the customer's three."""
    purchase = house.accepted("5101")
    token = token_of(house.proposal("5101"))
    stranger, colleague = house.app.test_client(), signed_in(house)
    plain = sorted({r.rule for r, method, _ in ROUTES if method == "GET" and not r.arguments})
    ours = [f"/p/{token}", f"/r/{return_token_of(purchase)}", "/sign-in/nobody", "/d/nobody"]
    return [(who, path) for who in (stranger, colleague) for path in (*plain, *ours)]


def test_table_has_its_payloads() -> None:
    assert len(set(PAYLOADS)) >= 30


# Every page meets a third of the payloads, and every payload a third of the pages.
@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.long)])
def test_parameters_lead_nowhere_else(house: House, every: int) -> None:
    astray = []
    for number, (client, path) in enumerate(visits(house)):
        for payload in PAYLOADS[number % every :: every]:
            query = "&".join(f"{name}={quote(payload, safe='')}" for name in NAMES)
            answer = client.get(f"{path}?{query}")
            if goes_astray(answer.headers.get("Location"), house) or EVIL in answer.headers.get(
                "Refresh", ""
            ):
                astray.append((path, payload, answer.headers.get("Location")))

    assert astray == []


def test_paths_lead_nowhere_else(house: House) -> None:
    client, forms = signed_in(house), ("/{}", "/{}/", "/p/{}/", "/connections/{}/..")
    paths = [form.format(payload) for payload in PAYLOADS for form in forms]

    # A test client would take `//host` for the server to ask: a socket hands it on as a path.
    answers = {
        path: client.get("/", environ_overrides={"PATH_INFO": as_wsgi(path)}) for path in paths
    }

    assert {p for p, a in answers.items() if goes_astray(a.headers.get("Location"), house)} == set()
    assert {answer.status_code for answer in answers.values()} == {404}


@pytest.mark.parametrize("doubled", ["/p//{}", "/p/{}//", "/connections//", "/people//saved"])
def test_doubled_slash_is_led_nowhere(house: House, doubled: str) -> None:
    path = doubled.format(token_of(house.sent("5101")))

    answer = signed_in(house).get(path, headers={"Host": EVIL})

    assert (answer.status_code, answer.headers.get("Location")) == (404, None)


@pytest.mark.parametrize("path", ["/p/{}/", "/connections/", "/journal/", "/people/"])
def test_slash_at_the_end_is_forgiven(house: House, path: str) -> None:
    token = token_of(house.sent("5101"))

    assert signed_in(house).get(path.format(token)).status_code == 200


def as_wsgi(path: str) -> str:
    """Bytes as PEP 3333 has them in a text."""
    return path.encode().decode("latin-1")
