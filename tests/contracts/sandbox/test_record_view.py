"""HubSpot shows an app's card where a super admin placed it, and nowhere else.

https://developers.hubspot.com/docs/apps/developer-platform/add-features/ui-extensions/overview
"""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from sandbox.server import Server

DEAL = "/hubspot-app/contacts/148111/record/0-3/5103"
EDITOR = "/hubspot-app/record-customization/148111/views/0-3/default"
TAB, SIDEBAR = "crm.record.tab", "crm.record.sidebar"


def page_of(server: Server, path: str) -> str:
    answer = requests.get(f"{server.url}{path}", timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.text


def save(server: Server, user: int = 7001, **form: str) -> int:
    url = f"{server.url}{EDITOR}?user={user}"
    return requests.post(url, data=form, timeout=5, allow_redirects=False).status_code


def shown(server: Server) -> dict[str, str]:
    """Where the deal's page shows the card, and the element that takes it there."""
    found = re.findall(r'class="card-context">(.*?)</script>', page_of(server, DEAL))
    cards = [json.loads(unescape(text)) for text in found]
    return {card["context"]["location"]: card["mount"] for card in cards}


def test_card_is_shown_where_it_was_placed(sandbox: Server) -> None:
    assert shown(sandbox) == {TAB: "#card"}

    assert save(sandbox, add=SIDEBAR) == 303

    assert shown(sandbox) == {TAB: "#card", SIDEBAR: "#sidebar-card"}


def test_deal_without_a_card_says_who_adds_it(sandbox: Server) -> None:
    save(sandbox, remove=TAB)

    assert shown(sandbox) == {}
    assert "un super administrateur l’ajoute" in page_of(sandbox, DEAL)
    assert f"{EDITOR}?user=" in page_of(sandbox, DEAL)


def test_only_a_super_admin_places_cards(sandbox: Server) -> None:
    assert save(sandbox, user=7005, add=SIDEBAR) == 403
    assert shown(sandbox) == {TAB: "#card"}
    assert "Seul un super administrateur" in page_of(sandbox, f"{EDITOR}?user=7005")


def test_place_that_no_card_can_have_is_ignored(sandbox: Server) -> None:
    assert save(sandbox, add="crm.preview") == 303

    assert shown(sandbox) == {TAB: "#card"}
