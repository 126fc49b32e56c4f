"""The worker's tests live in an installed and connected house."""

import pytest

from tests.support.house import (
    House,
    house,
    house_database,
    house_settings,
    other_house,
    prepared_house,
)
from tests.workers.reconciling import Typed, typed_in

__all__ = ["house", "house_database", "house_settings", "other_house", "prepared_house"]


@pytest.fixture
def run(house: House, capsys: pytest.CaptureFixture[str]) -> Typed:
    """The reconcile command as typed."""
    return typed_in(house, capsys)
