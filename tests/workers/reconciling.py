"""The reconcile command as typed, and what it may not touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.commands.reconcile import reconcile
from app.db import EVERY_TENANT, Base
from sandbox.hubspot import records

if TYPE_CHECKING:
    import pytest

    from tests.support.house import House

Typed = Callable[..., tuple[int, str]]
IN_STEP = (0, "148111: no difference.\n")


def typed_in(house: House, capsys: pytest.CaptureFixture[str]) -> Typed:
    """The command as typed; returns its exit status and what it printed."""

    def typed(*words: str, language: str = "en") -> tuple[int, str]:
        capsys.readouterr()
        status = 1 if reconcile(house.runtime, words, language) else 0
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return typed


def rows(house: House) -> dict[str, list[Any]]:
    """Every row of ours."""
    with house.runtime.database.reading(EVERY_TENANT) as session:
        return {
            name: [tuple(row) for row in session.execute(table.select())]
            for name, table in Base.metadata.tables.items()
        }


def writes(house: House) -> list[str]:
    """Calls that change something at a vendor; HubSpot's batch reads are POSTs too."""
    calls = house.calls("stripe") + house.calls("hubspot") + house.calls("slack")
    return [c for c in calls if not c.startswith("GET") and not c.endswith("batch/read")]


def says(house: House, deal: str, **properties: str) -> None:
    """Somebody in the portal changes our properties."""
    portal = str(house.account.portal)
    records.update(house.sandbox.world, portal, "deals", deal, properties, source="CRM_UI")
