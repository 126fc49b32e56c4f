"""Where a portal's super admins placed the card on their deals: HubSpot places none by itself.

The example portals begin as somebody left them, with the card in the middle column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a deal's page: what the editor calls it, and the element that takes the card."""

    label: str
    mount: str


# By the names that the card's files give them.
PLACES = {
    "crm.record.tab": Place("Colonne du milieu, onglet «\u00a0Proposition\u00a0»", "#card"),
    "crm.record.sidebar": Place("Barre latérale de droite", "#sidebar-card"),
}
AT_FIRST = ("crm.record.tab",)
_DEALS = "0-3"


def placed(world: World, portal: int) -> tuple[str, ...]:
    """Name the places of the deal page that show the card."""
    view = world.store.table("hubspot", str(portal), "record_view").get(_DEALS)
    return tuple(view["places"]) if view else AT_FIRST


def place(world: World, portal: int, places: Iterable[str]) -> None:
    """Save the view with the card in these places and in no other."""
    kept = [name for name in PLACES if name in set(places)]
    world.store.table("hubspot", str(portal), "record_view")[_DEALS] = {"places": kept}
