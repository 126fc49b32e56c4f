"""The worker's tests live in an installed and connected house."""

from tests.support.house import (
    house,
    house_database,
    house_settings,
    other_house,
    prepared_house,
)

__all__ = ["house", "house_database", "house_settings", "other_house", "prepared_house"]
