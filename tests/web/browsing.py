"""A colleague's browser, and what stands in the pages it gets."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.sessions import open_session
from app.db import EVERY_TENANT
from tests.support.house import House

_TAGS = re.compile(r"<(style|script|head)\b.*?</\1>|<[^>]+>", re.DOTALL | re.IGNORECASE)
_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')


def words(page: TestResponse) -> str:
    """The text a person reads on a page."""
    return " ".join(unescape(_TAGS.sub(" ", page.text)).split())


def signed_in(house: House) -> FlaskClient:
    """A browser with a colleague's session, which stands on our own pages."""
    with house.runtime.database.writing(EVERY_TENANT) as session:
        token = open_session(
            session, house.tenant_id, house.account.user, "dana@maison.example", ""
        )
    client = house.app.test_client()
    client.environ_base["HTTP_ORIGIN"] = house.runtime.settings.public_url
    client.set_cookie("propale", token, domain="localhost")
    return client


def send_file(client: FlaskClient, what: str, content: bytes, name: str = "logo.png") -> Any:
    """Choose a file on the preferences page and send it."""
    file = (BytesIO(content), name)
    return post_form(client, f"/preferences/{what}", file=file)


def post_form(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Fill in a form of a colleague's page and send it."""
    page = client.get("/connections")
    found = _FIELD.search(page.text)
    assert found, page.text
    return client.post(path, data={"csrf_token": found[1], **fields})


def approve(house: House, location: str, account: str = "148111/7001", **changes: str) -> str:
    """Approve on HubSpot's page; returns where it sends the browser, path and query."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    answer = requests.post(
        location.partition("?")[0],
        data={**asked, "account": account, "decision": "approve", **changes},
        allow_redirects=False,
        timeout=5,
    )
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/oauth/hubspot/callback", answer.headers["Location"]
    assert house.runtime.settings.public_url.endswith(back.netloc)
    return f"{back.path}?{back.query}"
