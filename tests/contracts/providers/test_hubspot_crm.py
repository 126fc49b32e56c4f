"""The CRM through the sandbox's HubSpot: deals read whole, properties written."""

from datetime import UTC, datetime

import pytest

from app.errors import FailureKind, ProviderError
from app.providers.hubspot.answers import Place
from app.providers.hubspot.crm import HubSpotCrm
from app.providers.hubspot.properties import PROPERTIES
from sandbox.server import Server
from tests.contracts.providers.conftest import Installer

DEALS = "/crm/objects/2026-09/deals"


def reads(sandbox: Server) -> list[tuple[str, str]]:
    entries = sandbox.world.journal.entries("hubspot")
    return [
        (entry["method"], entry["path"]) for entry in entries if entry["path"].startswith("/crm/")
    ]


def test_deal_is_read_whole_in_four_calls(sandbox: Server, crm: HubSpotCrm) -> None:
    deal = crm.read_deal("5101")

    assert (deal.id, deal.currency, deal.amount) == ("5101", "EUR", "450.00")
    assert deal.owner_id == "9001"
    (contact,) = deal.contacts
    assert (contact.name, contact.email) == ("Jeanne Martin", "jeanne@atelier-martin.example")
    assert deal.company is not None
    assert (deal.company.name, deal.company.city) == ("Atelier Martin", "Paris")
    (line,) = deal.lines
    assert (line.price, line.quantity, line.frequency) == ("450.00", "1", "monthly")
    assert (line.tax_rate_id, line.product_id, line.currency) == ("7120", "6101", "EUR")
    assert line.unsupported == {}
    assert len(reads(sandbox)) == 4


def test_several_contacts_cost_a_read_for_labels(sandbox: Server, crm: HubSpotCrm) -> None:
    deal = crm.read_deal("5103")

    assert {contact.id: contact.labels for contact in deal.contacts} == {
        "1103": (),
        "1104": ("Facturation",),
    }
    assert len(reads(sandbox)) == 5


def test_deal_whose_line_went_away_meanwhile_is_read_again_later(
    sandbox: Server, crm: HubSpotCrm
) -> None:
    lines = [{"id": line.id, "properties": {}} for line in crm.read_deal("5102").lines]
    sandbox.world.faults.arm(
        vendor="hubspot",
        method="POST",
        path="/crm/objects/2026-09/line_items/batch/read",
        status=207,
        body={"status": "COMPLETE", "results": lines[1:]},
    )

    with pytest.raises(ProviderError) as changed:
        crm.read_deal("5102")

    assert len(lines) > 1
    assert (changed.value.kind, changed.value.code) == (FailureKind.RETRYABLE, "changed_while_read")


def test_portal_reads_its_own_deal_of_that_id(installer: Installer) -> None:
    tokens = installer.install("148222/7002")
    api_base = installer.sandbox.world.settings.hubspot_api_base

    deal = HubSpotCrm(api_base, tokens.access_token).read_deal("5101")

    assert deal.name.startswith("Autre Maison")


@pytest.mark.parametrize("deal_id", ["999999", "../contacts/1101", "5101?archived=true"])
def test_unknown_deal_is_not_found(crm: HubSpotCrm, deal_id: str) -> None:
    with pytest.raises(ProviderError) as missing:
        crm.read_deal(deal_id)

    error = missing.value
    assert (error.kind, error.code, error.status) == (FailureKind.PERMANENT, "not_found", 404)


def test_refused_token_is_auth_and_stays_secret(sandbox: Server) -> None:
    crm = HubSpotCrm(sandbox.world.settings.hubspot_api_base, "at-revoked-token")

    with pytest.raises(ProviderError) as refused:
        crm.read_deal("5101")

    assert refused.value.kind is FailureKind.AUTH
    assert "at-revoked-token" not in str(refused.value)


def test_owner_rates_and_stages_are_read(crm: HubSpotCrm) -> None:
    owner = crm.read_owner("9001")
    rates = {rate.id: rate.percentage for rate in crm.read_tax_rates()}
    stages = crm.read_stages()

    assert owner.email == "dana@maison.example"
    assert owner.name
    assert rates["7120"] == "20"
    assert any(stage.id == "closedwon" and stage.label for stage in stages)
    assert all(stage.pipeline_label for stage in stages)


def test_properties_are_made_once(sandbox: Server, crm: HubSpotCrm) -> None:
    crm.ensure_properties()
    before = len(reads(sandbox))
    crm.ensure_properties()

    path = "/crm/properties/2026-09/deals"
    assert reads(sandbox)[before:] == [("POST", f"{path}/batch/read")]
    crm.update_deal("5101", {made["name"]: "" for made in PROPERTIES})


def test_properties_half_made_are_completed(sandbox: Server, crm: HubSpotCrm) -> None:
    sandbox.world.faults.arm(
        vendor="hubspot", path="/crm/properties/2026-09/deals/batch/create", status=503
    )
    with pytest.raises(ProviderError):
        crm.ensure_properties()

    crm.ensure_properties()

    crm.update_deal("5101", {"propale_status": "sent"})


def test_every_kind_of_value_is_taken(sandbox: Server, crm: HubSpotCrm) -> None:
    crm.ensure_properties()
    instant = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

    crm.update_deal(
        "5101",
        {
            "propale_status": "accepted",
            "propale_payment_status": "awaiting_method",
            "propale_sent_at": instant.isoformat().replace("+00:00", "Z"),
            "propale_accepted_at": str(int(instant.timestamp() * 1000)),
            "propale_amount_due_now": "540.00",
            "propale_problem": "deux\nlignes",
        },
    )

    assert reads(sandbox)[-1] == ("PATCH", f"{DEALS}/5101")


def test_value_outside_the_options_is_a_validation_error(crm: HubSpotCrm) -> None:
    crm.ensure_properties()

    with pytest.raises(ProviderError) as refused:
        crm.update_deal("5101", {"propale_status": "half-accepted"})

    error = refused.value
    assert (error.kind, error.code, error.status) == (
        FailureKind.PERMANENT,
        "VALIDATION_ERROR",
        400,
    )
    assert error.message.startswith("HubSpot refused the request: ")


def test_stage_history_tells_what_was_entered_when(crm: HubSpotCrm) -> None:
    crm.update_deal("5101", {"dealstage": "contractsent"})

    history = crm.deal_stage_history("5101")

    assert history[0].stage_id == "contractsent"
    assert history[0].at.tzinfo is UTC
    assert [(entry.stage_id, entry.by_app) for entry in history] == [
        ("contractsent", True),
        ("presentationscheduled", False),
    ]


def test_deals_place_is_that_of_now(crm: HubSpotCrm) -> None:
    crm.update_deal("5101", {"dealstage": "contractsent"})

    assert crm.deal_place("5101") == Place("default", "contractsent")


def test_deals_that_say_otherwise_are_found_a_hundred_to_a_call(
    sandbox: Server, crm: HubSpotCrm
) -> None:
    crm.ensure_properties()
    written = {"propale_status": "sent", "propale_amount_due_now": "540.00"}
    crm.update_deal("5101", {**written, "propale_sent_at": "1773140400000"})
    sandbox.world.journal.clear()

    found = crm.differing_deals(
        {
            "5101": {**written, "propale_sent_at": "1773140400000"},
            "5102": written,
            **{str(number): written for number in range(900_000, 900_098)},
        }
    )

    assert found.pop("5102") == {"propale_status": "", "propale_amount_due_now": ""}
    assert "5101" not in found
    assert set(found.values()) == {None}
    assert reads(sandbox) == [("POST", f"{DEALS}/batch/read")]


def test_uninstall_ends_every_token(crm: HubSpotCrm) -> None:
    crm.uninstall()

    with pytest.raises(ProviderError) as refused:
        crm.uninstall()
    assert refused.value.kind is FailureKind.AUTH
