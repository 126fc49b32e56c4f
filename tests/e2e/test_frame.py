"""What every other browser test stands on: the product as processes, and a browser."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page

from tests.support.product import Product

# In every run the other browser tests, and the one of the image, show the same by standing on it.
pytestmark = pytest.mark.long


def test_product_runs_on_the_chosen_servers(
    processes: Callable[..., Product], database_url: str, redis_url: str, page: Page
) -> None:
    product = processes(database_url=database_url, redis_url=redis_url)

    ready = requests.get(f"{product.url}/readyz", timeout=10)
    page.goto(product.sandbox_url)

    assert ready.ok, ready.text
    assert page.get_by_role("heading").first.is_visible()


def test_worker_starts_again_after_a_kill(processes: Callable[..., Product]) -> None:
    product = processes(installed=False)
    killed = product.pid("worker")

    os.kill(killed, signal.SIGKILL)
    product.restart_worker()

    product.processes.check()
    assert product.pid("worker") != killed
