"""The CRM's calls, made by HubSpot's own client at the dated paths."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hubspot.crm.objects.exceptions import ApiException
from hubspot.hubspot import HubSpot

from sandbox import hubspot as played
from sandbox.hubspot import associations, records, stage_rules
from sandbox.hubspot.tokens import access_tokens
from tests.contracts.sandbox.conftest import install

if TYPE_CHECKING:
    from sandbox.server import Server

FOLDER = Path(played.__file__).parent


class Client:
    """The official client's transport, as the product uses it."""

    def __init__(self, server: Server, account: str = "148111/7001") -> None:
        token = install(server, account)["access_token"]
        hubspot = HubSpot(access_token=token)
        self.api = hubspot.crm.objects.basic_api.api_client
        self.api.configuration.host = server.world.settings.hubspot_api_base

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        answer, status, headers = self.api.call_api(
            path,
            method,
            query_params=list(query.items()),
            body=body,
            header_params={"Accept": "application/json", "Content-Type": "application/json"},
            auth_settings=["oauth2"],
            response_types_map={200: "object", 201: "object", 207: "object"},
            _request_timeout=(2, 10),
        )
        self.status, self.headers = status, headers
        return answer


@pytest.fixture
def client(sandbox: Server) -> Client:
    return Client(sandbox)


def refused(client: Client, *call: Any, **query: str) -> tuple[int, dict[str, Any]]:
    with pytest.raises(ApiException) as caught:
        client.call(*call, **query)
    return caught.value.status, json.loads(caught.value.body)


DEAL = "/crm/objects/2026-09/deals/5101"


def test_deal_comes_with_associated_ids(client: Client) -> None:
    deal = client.call(
        "GET", DEAL, properties="dealname,nothing", associations="contacts,companies,line_items"
    )

    assert deal["properties"]["dealname"] == "Atelier Martin : coworking au mois"
    assert "nothing" not in deal["properties"]
    assert deal["associations"]["contacts"]["results"] == [
        {"id": "1101", "type": "deal_to_contact"}
    ]
    assert deal["associations"]["line items"]["results"][0]["id"] == "8101"
    assert {one["id"] for one in deal["associations"]["companies"]["results"]} == {"3101"}


def test_two_portals_share_ids_and_nothing_else(client: Client, sandbox: Server) -> None:
    other = Client(sandbox, "148222/7002")

    assert client.call("GET", DEAL)["properties"]["amount"] == "450.00"
    assert other.call("GET", DEAL)["properties"]["amount"] == "99.00"
    assert refused(other, "GET", "/crm/objects/2026-09/deals/5105")[0] == 404


def test_batch_read_names_missing_ids(client: Client) -> None:
    answer = client.call(
        "POST",
        "/crm/objects/2026-09/contacts/batch/read",
        {"inputs": [{"id": "1101"}, {"id": "777"}], "properties": ["email"]},
    )

    assert client.status == 207
    assert [one["properties"]["email"] for one in answer["results"]] == [
        "jeanne@atelier-martin.example"
    ]
    assert answer["errors"][0]["context"]["ids"] == ["777"]


def test_batch_read_keeps_no_order(client: Client) -> None:
    path = "/crm/objects/2026-09/deals/batch/read"
    ids = ["5103", "5101", "5102"]

    answer = client.call("POST", path, {"inputs": [{"id": one} for one in ids]})

    assert [one["id"] for one in answer["results"]] == sorted(ids)


@pytest.mark.parametrize(
    ("path", "most"), [("/crm/owners/2026-09", 3), ("/tax-rates/2026-09/tax-rates", 6)]
)
def test_lists_come_in_pages(client: Client, path: str, most: int) -> None:
    found, query = [], {"limit": "1"}
    while True:
        page = client.call("GET", path, **query)
        found += [one["id"] for one in page["results"]]
        if "paging" not in page:
            break
        query["after"] = page["paging"]["next"]["after"]

    assert len(found) == len(set(found)) == most
    assert refused(client, "GET", path, limit="0")[0] == 400


def test_batch_over_hundred_is_refused(client: Client) -> None:
    status, body = refused(
        client,
        "POST",
        "/crm/objects/2026-09/contacts/batch/read",
        {"inputs": [{"id": str(number)} for number in range(101)]},
    )

    assert (status, body["category"]) == (400, "VALIDATION_ERROR")


def test_unknown_property_is_refused_on_write(client: Client) -> None:
    status, body = refused(client, "PATCH", DEAL, {"properties": {"propale_status": "sent"}})

    assert (status, body["category"]) == (400, "VALIDATION_ERROR")
    assert "PROPERTY_DOESNT_EXIST" in body["message"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("amount", "beaucoup", "INVALID_DOUBLE"),
        ("dealstage", "no_such_stage", "INVALID_OPTION"),
        ("closedate", "bientôt", "INVALID_DATE"),
        ("createdate", "2026-01-01", "READ_ONLY_VALUE"),
    ],
)
def test_unfit_value_is_refused(client: Client, name: str, value: str, code: str) -> None:
    status, body = refused(client, "PATCH", DEAL, {"properties": {name: value}})

    assert status == 400
    assert code in body["message"]


def test_history_shows_each_value_newest_first(client: Client) -> None:
    client.call("PATCH", DEAL, {"properties": {"dealstage": "contractsent"}})
    client.call("PATCH", DEAL, {"properties": {"dealstage": "contractsent"}})

    deal = client.call("GET", DEAL, propertiesWithHistory="dealstage")

    history = deal["propertiesWithHistory"]["dealstage"]
    assert [entry["value"] for entry in history] == ["contractsent", "presentationscheduled"]
    assert history[0]["timestamp"].endswith("Z")


def test_stage_rule_refuses_the_move_only(client: Client, sandbox: Server) -> None:
    stage_rules.rules(sandbox.world, "148111")["closedwon"] = {"message": stage_rules.MESSAGE}

    status, body = refused(client, "PATCH", DEAL, {"properties": {"dealstage": "closedwon"}})

    assert (status, body["category"]) == (400, "VALIDATION_ERROR")
    assert body["message"] == stage_rules.MESSAGE
    assert client.call("PATCH", DEAL, {"properties": {"dealname": "autre"}})["id"] == "5101"


def test_rule_with_a_field_refuses_only_without_it(client: Client, sandbox: Server) -> None:
    rule = {"message": stage_rules.MESSAGE, "property": stage_rules.PROPERTY}
    stage_rules.rules(sandbox.world, "148111")["closedwon"] = rule
    move = {"dealstage": "closedwon"}

    _, body = refused(client, "PATCH", DEAL, {"properties": move})
    client.call("PATCH", DEAL, {"properties": {stage_rules.PROPERTY: "Le prix"}})
    moved = client.call("PATCH", DEAL, {"properties": move})

    assert body["errors"][0]["context"] == {"propertyName": [stage_rules.PROPERTY]}
    assert moved["properties"]["dealstage"] == "closedwon"


def test_created_property_takes_values(client: Client) -> None:
    base = "/crm/properties/2026-09/deals"
    client.call("POST", f"{base}/groups", {"name": "propale", "label": "Propale"})
    wanted = {
        "name": "propale_status",
        "label": "Statut",
        "groupName": "propale",
        "type": "enumeration",
        "fieldType": "select",
        "options": [{"label": "Envoyée", "value": "sent", "displayOrder": 0, "hidden": False}],
    }

    client.call("POST", f"{base}/batch/create", {"inputs": [wanted]})

    client.call("PATCH", DEAL, {"properties": {"propale_status": "sent"}})
    assert (
        client.call("GET", DEAL, properties="propale_status")["properties"]["propale_status"]
        == "sent"
    )
    again = client.call("POST", f"{base}/batch/create", {"inputs": [wanted]})
    assert client.status == 207
    assert again["errors"][0]["category"] == "OBJECT_ALREADY_EXISTS"


def test_missing_property_definitions_are_named(client: Client) -> None:
    answer = client.call(
        "POST",
        "/crm/properties/2026-09/deals/batch/read",
        {"inputs": [{"name": "dealname"}, {"name": "propale_status"}], "archived": False},
    )

    assert client.status == 207
    assert [one["name"] for one in answer["results"]] == ["dealname"]
    assert answer["errors"][0]["context"]["name"] == ["propale_status"]


def test_billing_label_reads_back(client: Client) -> None:
    answer = client.call(
        "POST",
        "/crm/associations/2026-09/deals/contacts/batch/read",
        {"inputs": [{"id": "5103"}]},
    )

    labels = {
        end["toObjectId"]: [kind["label"] for kind in end["associationTypes"]]
        for end in answer["results"][0]["to"]
    }
    assert labels == {"1103": [None], "1104": [None, "Facturation"]}


def test_note_needs_a_scope_we_do_not_ask_for(client: Client) -> None:
    status, body = refused(
        client,
        "POST",
        "/crm/objects/2026-09/notes",
        {"properties": {"hs_timestamp": "2026-11-21T10:00:00Z"}},
    )

    assert (status, body["category"]) == (403, "MISSING_SCOPES")
    assert body["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.contacts.write"]


def test_note_is_made_and_connected_with_the_scope(client: Client, sandbox: Server) -> None:
    held = access_tokens(sandbox.world)
    for token, grant in held.items():
        held[token] = {**grant, "scopes": [*grant["scopes"], "crm.objects.contacts.write"]}

    note = client.call(
        "POST",
        "/crm/objects/2026-09/notes",
        {
            "properties": {"hs_timestamp": "2026-11-21T10:00:00Z", "hs_note_body": "Acceptée"},
            "associations": [
                {
                    "to": {"id": "5101"},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 214}],
                }
            ],
        },
    )

    assert client.status == 201
    assert note["properties"]["hs_timestamp"] == "2026-11-21T10:00:00.000Z"
    assert list(associations.connected(sandbox.world, "148111", "deals", "5101", "notes")) == [
        note["id"]
    ]


def test_batch_update_changes_what_exists(client: Client) -> None:
    answer = client.call(
        "POST",
        "/crm/objects/2026-09/deals/batch/update",
        {
            "inputs": [
                {"id": "5101", "properties": {"amount": "1"}},
                {"id": "777", "properties": {"amount": "2"}},
            ]
        },
    )

    assert client.status == 207
    assert answer["results"][0]["properties"]["amount"] == "1"
    assert answer["errors"][0]["context"]["ids"] == ["777"]


def test_owner_by_owner_id_and_by_user_id(client: Client) -> None:
    by_owner = client.call("GET", "/crm/owners/2026-09/9001")
    by_user = client.call("GET", "/crm/owners/2026-09/7001", idProperty="userId")

    assert by_owner == by_user
    assert by_owner["email"] == "dana@maison.example"


def test_pipeline_and_tax_rates_are_listed(client: Client) -> None:
    pipelines = client.call("GET", "/crm/pipelines/2026-09/deals")
    rates = client.call("GET", "/tax-rates/2026-09/tax-rates", active="true")

    assert pipelines["results"][0]["stages"][-1]["id"] == "closedlost"
    assert {rate["percentageRate"] for rate in rates["results"]} == {20.0, 10.0, 5.5}


@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/objects/deals/5101",
        "/crm/v4/objects/deals/5101",
        "/crm/objects/2026-03/deals/5101",
    ],
)
def test_only_the_dated_paths_exist(client: Client, path: str) -> None:
    with pytest.raises(ApiException) as caught:
        client.call("GET", path)

    assert caught.value.status == 404


def test_hundred_and_eleventh_call_waits(client: Client) -> None:
    client.call("GET", "/account-info/2026-09/details")
    assert client.headers["X-HubSpot-RateLimit-Remaining"] == "109"
    client.api.rest_client.pool_manager.connection_pool_kw["retries"] = False

    for _ in range(109):
        client.call("GET", "/account-info/2026-09/details")
    with pytest.raises(ApiException) as caught:
        client.call("GET", "/account-info/2026-09/details")

    assert caught.value.status == 429
    assert json.loads(caught.value.body)["policyName"] == "TEN_SECONDLY_ROLLING"
    assert 1 <= int(caught.value.headers["Retry-After"]) <= 10


def test_example_lines_carry_the_amounts_written_by_hand(client: Client) -> None:
    expected = json.loads((FOLDER / "expected_amounts.json").read_text(encoding="utf-8"))
    decimals = {"JPY": 0}

    for key, wanted in expected.items():
        if key.startswith("_"):
            continue
        scale = 10 ** decimals.get(wanted["currency"], 2)
        answer = client.call(
            "POST",
            "/crm/objects/2026-09/line_items/batch/read",
            {"inputs": [{"id": line} for line in wanted["lines"]], "properties": ["amount"]},
        )
        got = {one["id"]: float(one["properties"]["amount"]) for one in answer["results"]}
        assert got == {line: sums["net"] / scale for line, sums in wanted["lines"].items()}


def test_forced_amount_differs_from_the_arithmetic(client: Client, sandbox: Server) -> None:
    records.force_line_amount(sandbox.world, "148111", "8101", "449.00")

    line = client.call("GET", "/crm/objects/2026-09/line_items/8101", properties="amount,price")

    assert line["properties"]["amount"] == "449.00"
    assert line["properties"]["price"] == "450.00"


def test_deleted_deal_is_gone(client: Client) -> None:
    client.api.call_api(
        DEAL, "DELETE", auth_settings=["oauth2"], response_types_map={}, _request_timeout=5
    )

    assert refused(client, "GET", DEAL)[0] == 404


def test_timed_out_read_arrives_once(sandbox: Server) -> None:
    token = install(sandbox)["access_token"]
    sandbox.world.faults.arm(vendor="hubspot", path="/crm/owners/*", delay=0.6)

    with pytest.raises(requests.Timeout):
        requests.get(
            f"{sandbox.world.settings.hubspot_api_base}/crm/owners/2026-09/9001",
            headers={"Authorization": f"Bearer {token}"},
            timeout=0.2,
        )

    assert sandbox.world.journal.count("hubspot", "GET", "/crm/owners/2026-09/9001") == 1
