"""hubspot.fetch: signed, forwarded with the person's identity, repeated once."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from hubspot.utils.signature import Signature

from sandbox.hubspot.signing import sign_v3, signed_uri
from sandbox.server import serve
from sandbox.settings import on_free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.server import Server

SECRET = "f6e94c08-85d0-4608-bcc6-e1850176e7b8"


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        ("REQUEST_BODY", "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU="),
        ("", "csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE="),
    ],
)
def test_published_vectors(body: str, signature: str) -> None:
    uri = "https://www.hubspot.com/webhook"

    assert sign_v3(SECRET, "POST", uri, body, "1632188626483") == signature


def test_only_twelve_escapes_are_undone() -> None:
    assert signed_uri("/a?b=x%40y%2Bz%20%26%2c%3D%25") == "/a?b=x@y%2Bz%20%26,%3D%25"


class Product:
    """A product that writes down what reaches it and answers what it is told."""

    def __init__(self) -> None:
        self.arrivals: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                outer.arrivals.append(
                    {
                        "target": self.path,
                        "headers": dict(self.headers),
                        "body": self.rfile.read(size).decode(),
                    }
                )
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.end_headers()
                self.wfile.write(b'{"ok":1}')

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_: Any) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def product() -> Iterator[Product]:
    product = Product()
    yield product
    product.http.shutdown()
    product.http.server_close()


@pytest.fixture
def server(product: Product, tmp_path: Path) -> Iterator[Server]:
    server = serve(on_free_ports(tmp_path, public_url=product.url))
    yield server
    server.close()


def fetch(server: Server, url: str, **call: Any) -> requests.Response:
    return requests.post(
        f"{server.url}/hubspot-app/proxy?portalId=148111&userId=7001",
        json={"url": url, **call},
        timeout=20,
    )


def test_call_carries_identity_and_a_valid_signature(server: Server, product: Product) -> None:
    url = f"{product.url}/api/card/deals/5101/proposals?lang=fr"

    answer = fetch(server, url, method="POST", body={"shown": "é"})

    arrival = product.arrivals[0]
    query = parse_qs(urlsplit(arrival["target"]).query)
    assert answer.json() == {"ok": 1}
    assert query["userEmail"] == ["dana@maison.example"]
    assert (query["portalId"], query["userId"]) == (["148111"], ["7001"])
    timestamp = arrival["headers"]["X-HubSpot-Request-Timestamp"]
    assert abs(int(timestamp) / 1000 - time.time()) < 5
    assert Signature.is_valid(
        signature=arrival["headers"]["X-HubSpot-Signature-v3"],
        client_secret=server.world.settings.hubspot_client_secret,
        request_body=arrival["body"],
        http_uri=signed_uri(product.url + arrival["target"]),
        http_method="POST",
        signature_version="v3",
        timestamp=timestamp,
    )


def test_server_error_is_repeated_once(server: Server, product: Product) -> None:
    product.statuses = [500, 200]

    answer = fetch(server, f"{product.url}/api/card/deals/1")

    assert answer.status_code == 200
    assert len(product.arrivals) == 2


def test_product_that_is_away_is_a_502(server: Server, product: Product) -> None:
    product.http.shutdown()
    product.http.server_close()

    answer = fetch(server, f"{product.url}/api/card/deals/1")

    assert answer.status_code == 502


def test_client_error_is_not_repeated(server: Server, product: Product) -> None:
    product.statuses = [404]

    answer = fetch(server, f"{product.url}/api/card/deals/1")

    assert answer.status_code == 404
    assert len(product.arrivals) == 1


@pytest.mark.parametrize(
    "call",
    [
        {"url": "http://127.0.0.1:9/elsewhere"},
        {"method": "TRACE"},
        {"headers": {"X-Mine": "1"}},
        {"method": "POST", "body": {"a": "x" * 1_100_000}},
    ],
)
def test_call_hubspot_would_not_make_is_refused(
    server: Server, product: Product, call: dict[str, Any]
) -> None:
    answer = fetch(server, **{"url": f"{product.url}/api/card", **call})

    assert answer.status_code == 400
    assert product.arrivals == []
