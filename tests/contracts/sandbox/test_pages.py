"""The pages a person uses: CRM, control, home."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.figures import figure, moment
from sandbox.hubspot import associations, records

if TYPE_CHECKING:
    from sandbox.server import Server

DEAL = "/hubspot-app/contacts/148111/record/0-3/5103"


def get(server: Server, path: str) -> str:
    answer = requests.get(f"{server.url}{path}", timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.text


def post(server: Server, path: str, form: dict[str, str | list[str]]) -> requests.Response:
    return requests.post(f"{server.url}{path}", data=form, timeout=5)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/hubspot-app/",
        "/hubspot-app/?portal=148222",
        "/hubspot-app/deals/148111/new",
        "/hubspot-app/deals/148111/list",
        "/hubspot-app/deals/148111/5103/facts",
        DEAL,
        "/slack/client/",
        "/mail/",
        "/control/",
        "/control/processes",
        "/state/crm",
    ],
)
def test_page_opens(sandbox: Server, path: str) -> None:
    assert get(sandbox, path)


def context(server: Server, path: str) -> dict[str, Any]:
    found = re.search(r'class="card-context">(.*?)</script>', get(server, path))
    assert found, "the card is not built; `./propale test` builds it"
    told: dict[str, Any] = json.loads(unescape(found.group(1)))["context"]
    return told


def test_deal_page_tells_the_card_who_looks(sandbox: Server) -> None:
    told = context(sandbox, f"{DEAL}?user=7003&lang=en")

    assert told["location"] == "crm.record.tab"
    assert told["crm"] == {"objectId": 5103, "objectTypeId": "0-3"}
    assert (told["user"]["id"], told["user"]["locale"]) == (7003, "en")
    assert told["variables"]["BACKEND_URL"] == sandbox.world.settings.public_url


def test_settings_page_tells_of_no_record(sandbox: Server) -> None:
    told = context(sandbox, "/hubspot-app/connected-apps/148111/settings?user=7003")

    assert (told["location"], told["user"]["id"]) == ("settings", 7003)
    assert "crm" not in told
    assert "cardTitle" not in told["extension"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("1350.00", "1\u202f350,00"),
        ("115499", "115\u202f499"),
        ("-12345678.5", "-12\u202f345\u202f678,5"),
        ("EUR", "EUR"),
        ("", ""),
    ],
)
def test_window_writes_figures_as_the_french_do(given: str, shown: str) -> None:
    assert figure(given) == shown


def test_window_goes_by_the_clock_of_paris() -> None:
    assert moment(datetime(2026, 11, 22, 23, 59, tzinfo=UTC)) == "23/11/2026 00:59"


def test_new_deal_has_everything_the_form_said(sandbox: Server) -> None:
    answer = post(
        sandbox,
        "/hubspot-app/deals/148111/new",
        {
            "dealname": "Essai <b>gras</b>",
            "currency": "EUR",
            "firstname": ["Ana", ""],
            "lastname": ["Ruiz", ""],
            "email": ["ana@essai.example", ""],
            "label": ["Facturation", ""],
            "company_name": "Essai SARL",
            "name": ["Abonnement", ""],
            "quantity": ["2", "1"],
            "price": ["10,50", ""],
            "discount": ["0,50", ""],
            "hs_discount_percentage": ["", ""],
            "recurringbillingfrequency": ["monthly", ""],
            "hs_tax_rate_group_id": ["7120", ""],
        },
    )

    deal_id = answer.url.split("?")[0].rsplit("/", 1)[1]
    world = sandbox.world
    deal = records.get(world, "148111", "deals", deal_id)
    contacts = associations.connected(world, "148111", "deals", deal_id, "contacts")
    assert deal["properties"]["amount"] == "20.00"
    assert [associations.labels(types) for types in contacts.values()] == [["Facturation"]]
    assert "Essai &lt;b&gt;gras&lt;/b&gt;" in answer.text


def test_changed_line_changes_both_amounts(sandbox: Server) -> None:
    post(
        sandbox,
        "/hubspot-app/deals/148111/5103/lines/8105",
        {"name": "Frais", "quantity": "2", "price": "100"},
    )

    world = sandbox.world
    line = records.get(world, "148111", "line_items", "8105")
    deal = records.get(world, "148111", "deals", "5103")
    assert line["properties"]["amount"] == "200.00"
    assert deal["properties"]["amount"] == "1400.00"


def test_deleted_line_leaves_the_deal(sandbox: Server) -> None:
    post(sandbox, "/hubspot-app/deals/148111/5103/lines/8105", {"remove": "1"})

    lines = associations.connected(sandbox.world, "148111", "deals", "5103", "line_items")
    assert list(lines) == ["8104"]


def test_contact_edit_changes_mail_and_label(sandbox: Server) -> None:
    form: dict[str, str | list[str]] = {"email": "neuf@studio-nord.example"}

    post(sandbox, "/hubspot-app/deals/148111/5103/contacts/1104", form)

    world = sandbox.world
    types = associations.connected(world, "148111", "deals", "5103", "contacts")["1104"]
    contact = records.get(world, "148111", "contacts", "1104")
    assert contact["properties"]["email"] == "neuf@studio-nord.example"
    assert associations.labels(types) == []


def test_unfit_value_is_explained(sandbox: Server) -> None:
    answer = post(
        sandbox,
        "/hubspot-app/deals/148111/5103/lines/8105",
        {"name": "Frais", "quantity": "beaucoup", "price": "1"},
    )

    assert answer.status_code == 400
    assert "not a valid number" in answer.text


def test_control_buttons_move_time_and_arm_faults(sandbox: Server) -> None:
    before = sandbox.world.clock.now()

    post(sandbox, "/control/buttons/time", {"step": "day"})
    post(sandbox, "/control/buttons/arm", {"preset": "slack-lost"})
    page = post(sandbox, "/control/buttons/stage-rule", {"stage": "closedwon"}).text

    assert (sandbox.world.clock.now() - before).days == 1
    assert "chat.postMessage" in page
    assert "motif de gain exigé" in page


def test_deal_page_fills_in_what_a_rule_asks_for(sandbox: Server) -> None:
    page = post(sandbox, "/hubspot-app/deals/148111/5101/field", {"value": "Le prix"})

    assert "Le prix" in page.text
    found = records.get(sandbox.world, "148111", "deals", "5101")
    assert found["properties"]["closed_won_reason"] == "Le prix"


def test_reset_brings_back_the_examples(sandbox: Server) -> None:
    requests.post(
        f"{sandbox.url}/control/hubspot/deals",
        json={
            "dealname": "x",
            "dealstage": "closedwon",
            "currency": "EUR",
            "contacts": [],
            "lines": [],
        },
        timeout=5,
    )
    assert len(records.table(sandbox.world, "148111", "deals")) == 6

    requests.post(f"{sandbox.url}/control/reset", timeout=5)

    assert len(records.table(sandbox.world, "148111", "deals")) == 5
