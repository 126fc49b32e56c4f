"""Faults are met in an installed and connected house."""

from tests.support.house import (
    house,
    house_database,
    house_settings,
    prepared_house,
)

__all__ = ["house", "house_database", "house_settings", "prepared_house"]
