"""The connections page in a real browser: what became of a click is in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.accounts.roles import become_owner
from app.audit import US
from tests import factories
from tests.web.serving import on_a_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from app.db import Database
    from app.models import Tenant

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def page(
    browser: Browser, environ: dict[str, str], database: Database, tenant: Tenant
) -> Iterator[Page]:
    """The owner's window, on a small screen and without JavaScript."""
    with database.writing(tenant.id) as session:
        become_owner(session, 7001, "dana@maison.example", US)
    token = factories.make_session(database, tenant)
    with on_a_port(environ) as origin:
        viewport = {"width": 360, "height": 640}
        context = browser.new_context(
            base_url=origin,
            java_script_enabled=False,
            viewport=viewport,  # type: ignore[arg-type]
        )
        context.add_cookies([{"name": "propale", "value": token, "url": origin}])
        yield context.new_page()
        context.close()


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/oauth/slack/callback?error=access_denied&state=x", "alert"),
        ("/connections?saved=slack", "status"),
    ],
)
def test_what_became_of_slack_is_in_sight(page: Page, path: str, role: str) -> None:
    page.goto(path)

    box = page.get_by_role(role).bounding_box()  # type: ignore[arg-type]

    assert box
    assert 0 <= box["y"] < 640
