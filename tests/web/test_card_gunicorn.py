"""What only the wire shows: HubSpot's table of signed addresses and bodies without a length.

A test client rebuilds addresses; only a server shows what `RAW_URI` really holds. What is signed
comes from the sandbox, whose decoding is its own.
"""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from sandbox.hubspot.signing import sign_v3
from sandbox.processes import listens
from tests.support.environ import CLOSED
from tests.support.servers import free_port, running

ROOT = Path(__file__).parents[2]
ORIGIN = CLOSED["PUBLIC_URL"]
SECRET = CLOSED["HUBSPOT_CLIENT_SECRET"]
DEAL = "/api/card/deals/5101"
IDENTITY = "userId=7001&portalId=148111&appId=4242"


@pytest.fixture(scope="module")
def gunicorn(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int]]:
    """The web process as the Procfile starts it, with one worker; nobody has installed it."""
    port, folder = free_port(), tmp_path_factory.mktemp("gunicorn")
    environ = {**CLOSED, "DATABASE_URL": f"sqlite:///{sqlite_template}", "DATA_DIR": str(folder)}
    words = [f"{name}={value}" for name, value in environ.items()]
    command = [
        "env", *words, f"PYTHONPATH={ROOT}", sys.executable, "-m", "gunicorn",
        "app.wsgi:application", "--worker-class", "gthread", "--threads", "4",
        "--bind", f"127.0.0.1:{port}",
    ]  # fmt: skip
    with running(command, lambda: listens("127.0.0.1", port), folder):
        yield "127.0.0.1", port


def ask(
    server: tuple[str, int],
    target: str,
    *,
    signed: str | None = None,
    method: str = "GET",
    body: str = "",
    sent_as: str | None = None,
    host: str = "propale.test",
) -> int:
    """Send a target byte for byte; sign `signed`, the address HubSpot had, else the target."""
    at = str(int(time.time() * 1000))
    uri = f"{ORIGIN}{target if signed is None else signed}"
    connection = http.client.HTTPConnection(*server, timeout=10)
    connection.putrequest(method, sent_as or target, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", host)
    connection.putheader("X-HubSpot-Signature-v3", sign_v3(SECRET, method, uri, body, at))
    connection.putheader("X-HubSpot-Request-Timestamp", at)
    connection.putheader("Content-Length", str(len(body.encode())))
    connection.endheaders(body.encode())
    try:
        return connection.getresponse().status
    finally:
        connection.close()


# How an address may stand on the wire; the twelve are decoded before signing, the rest is not.
EMAILS = [
    "dana@maison.example",
    "dana%40maison.example",
    "dana+ventes%40maison.example",
    "dana%2Bventes%40maison.example",
    "dana%2bventes%40maison.example",
    "d%20p%40maison.example",
    "ren%C3%A9e%40maison.example",
    "ren%c3%a9e%40maison.example",
    "a%26b%3Dc%25%40maison.example",
    "o%27brien%40maison.example",
    "a%21%24%28%29%2A%2C%3B%3A%2F%3F%40maison.example",
    "a%3a%2f%3f%21%2a%2c%3b%40maison.example",
    "a%2540b%40maison.example",
    quote("дана@maison.example", safe=""),
]


@pytest.mark.parametrize("email", EMAILS)
def test_address_is_signed_as_it_stood(gunicorn: tuple[str, int], email: str) -> None:
    target = f"{DEAL}?lang=fr&{IDENTITY}&userEmail={email}"

    assert ask(gunicorn, target) == 200


@pytest.mark.parametrize("email", ["a%20b", "a%2Bb", "%C3%A9", "a%26b", "a%3Db", "a%25b"])
def test_other_escapes_are_not_decoded(gunicorn: tuple[str, int], email: str) -> None:
    decoded = {"%20": " ", "%2B": "+", "%C3%A9": "é", "%26": "&", "%3D": "=", "%25": "%"}
    target = f"{DEAL}?{IDENTITY}&userEmail={email}"
    signed = target
    for escape, sign in decoded.items():
        signed = signed.replace(escape, sign)

    assert ask(gunicorn, target, signed=signed) == 401


@pytest.mark.parametrize(
    "changed",
    [
        f"{DEAL}?{IDENTITY}&userEmail=x",
        f"{DEAL}?userEmail=a%40b.example&{IDENTITY}",
        f"{DEAL}?{IDENTITY}&userEmail=a%40b.example&",
        f"{DEAL}/?{IDENTITY}&userEmail=a%40b.example",
    ],
)
def test_any_other_target_is_401(gunicorn: tuple[str, int], changed: str) -> None:
    signed = f"{DEAL}?{IDENTITY}&userEmail=a%40b.example"

    assert ask(gunicorn, changed, signed=signed) in {401, 404}


@pytest.mark.parametrize("origin", ["http://propale.test", "https://elsewhere.example:8443"])
def test_absolute_form_is_cut_to_its_path(gunicorn: tuple[str, int], origin: str) -> None:
    target = f"{DEAL}?{IDENTITY}&userEmail=a%40b.example"

    assert ask(gunicorn, target, sent_as=f"{origin}{target}") == 200


def test_absolute_form_signed_for_elsewhere_is_401(gunicorn: tuple[str, int]) -> None:
    target = f"{DEAL}?{IDENTITY}&userEmail=a%40b.example"

    assert ask(gunicorn, target, signed=f"x{target}", sent_as=f"http://propale.test{target}") == 401


def test_host_header_is_not_what_was_signed(gunicorn: tuple[str, int]) -> None:
    target = f"{DEAL}?{IDENTITY}&userEmail=a%40b.example"

    assert ask(gunicorn, target, host="internal:8000") == 200


def test_body_is_signed_as_its_raw_bytes(gunicorn: tuple[str, int]) -> None:
    target = f"{DEAL}/proposals?{IDENTITY}&userEmail=a%40b.example"

    assert ask(gunicorn, target, method="POST", body='{"é" :  1}') == 400


def send_chunked(server: tuple[str, int], target: str, size: int) -> int:
    """Send a body that names no length, in pieces."""
    connection = http.client.HTTPConnection(*server, timeout=10)
    pieces = [b"x" * 32_000] * (size // 32_000) + [b"x" * (size % 32_000)]
    connection.request("POST", target, body=iter(pieces), encode_chunked=True)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 401), (64 * 1024 + 1, 413)])
def test_chunked_body_over_64_kb_is_413(gunicorn: tuple[str, int], size: int, status: int) -> None:
    target = f"{DEAL}/proposals?{IDENTITY}&userEmail=a%40b.example"

    assert send_chunked(gunicorn, target, size) == status


@pytest.mark.parametrize(("size", "status"), [(1024 * 1024, 404), (1024 * 1024 + 1, 413)])
def test_chunked_webhook_over_a_megabyte_is_413(
    gunicorn: tuple[str, int], size: int, status: int
) -> None:
    """At the limit it is read, and meets a door that nobody has."""
    assert send_chunked(gunicorn, "/webhooks/stripe/nobody", size) == status


@pytest.mark.parametrize(
    "path", [f"{DEAL}/proposals", "/webhooks/stripe/nobody", "/connections/stripe", "/p/x/accept"]
)
def test_announced_ten_megabytes_are_not_waited_for(gunicorn: tuple[str, int], path: str) -> None:
    """The answer is there although nothing of the body was sent."""
    connection = http.client.HTTPConnection(*gunicorn, timeout=10)
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(10 * 1024 * 1024))
    connection.endheaders()

    answer = connection.getresponse()

    assert answer.status in {303, 404, 413}
    assert answer.status == 413 or path.startswith(("/connections", "/p/"))  # strangers go first
    connection.close()
