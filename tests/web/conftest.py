"""The product's web side, called without a socket."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import create_app
from app.db import EVERY_TENANT, Database
from app.models import Purchase, Tenant
from app.runtime import Runtime
from app.settings import Secret
from tests import factories
from tests.support.house import (
    house,
    house_database,
    house_settings,
    other_house,
    prepared_house,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from flask import Flask
    from flask.testing import FlaskClient

    from app.settings import Settings

__all__ = ["house", "house_database", "house_settings", "other_house", "prepared_house"]

STRIPE_PAGE = "http://127.0.0.1:9/stripe/c/pay/cs_test"


@pytest.fixture(scope="session")
def kept_apps() -> dict[Settings, Flask]:
    """The session's applications: their routes and templates are compiled once."""
    return {}


@pytest.fixture
def app(settings: Settings, kept_apps: dict[Settings, Flask]) -> Iterator[Flask]:
    """The product on this test's database, in the application that such settings have made."""
    runtime = Runtime.start(settings)
    alike = replace(settings, database_url=Secret(""), data_dir=Path())
    made = kept_apps.get(alike) or kept_apps.setdefault(alike, create_app(settings, runtime))
    made.extensions["propale"] = runtime
    yield made
    runtime.database.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that stands on our own pages: it sends our `Origin` with every form."""
    browser = app.test_client()
    browser.environ_base["HTTP_ORIGIN"] = "http://propale.test"
    return browser


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return factories.make_tenant(database)


@pytest.fixture
def stripe_opens(database: Database) -> Callable[[], AbstractContextManager[None]]:
    """While it lasts, every page that is asked for is opened, as a worker would."""

    @contextmanager
    def opening() -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=_open_pages, args=(database, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    return opening


def _open_pages(database: Database, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        with database.writing(EVERY_TENANT) as session:
            for purchase in session.scalars(select(Purchase).where(Purchase.stripe_page_url == "")):
                purchase.stripe_page_url = f"{STRIPE_PAGE}_{purchase.page_number}"
                purchase.page_expires_at = datetime.now(UTC) + timedelta(hours=23)
