"""A sandbox emptied for each test, a seller with the real SDK, a check of every answer she gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.stripe_sandbox.answers import strange_fields
from tests.contracts.stripe_sandbox.receiver import Receiver
from tests.contracts.stripe_sandbox.seller import Seller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.server import Server


@pytest.fixture
def sandbox(running: Server) -> Server:
    running.world.reset()
    return running


@pytest.fixture
def seller(sandbox: Server) -> Iterator[Seller]:
    """The first account; after the test every answer must have had Stripe's fields only."""
    seller = Seller(sandbox)
    yield seller
    strange = {field for answer in seller.answers() for field in strange_fields(answer)}
    assert strange == set()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
