"""The preferences page: each section is saved alone, and nothing typed is lost."""

import re
from zoneinfo import ZoneInfo

import pytest

from app.accounts.notices import Rule, change_rules
from app.accounts.preferences.chosen import chosen_currency
from app.clock import wall_now
from app.db import ScopedSession
from app.models import PipelineStage, PortalStage, Preferences, Proposal, TeamChannel
from tests.support.house import PREFERENCES, House
from tests.web.browsing import post_form, signed_in, words


def link(house: House, proposal: Proposal) -> str:
    """The customer's link, as it stands in her mail."""
    token = house.runtime.sealer.open(house.tenant_id, "proposal_token", proposal.sealed_token)
    return f"/p/{token}"


def kept(house: House) -> Preferences:
    return house.read(lambda session: session.get_one(Preferences, house.tenant_id))


def test_page_offers_the_portals_stages_and_calls_nobody(house: House) -> None:
    page = signed_in(house).get("/preferences")

    assert "<legend><bdi>Pipeline des ventes</bdi></legend>" in page.text
    assert 'value="contractsent" selected' in page.text
    assert "Étapes des transactions, telles que lues le" in words(page)
    assert house.sandbox.world.journal.entries() == []


def test_stages_not_read_yet_keep_what_was_chosen(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(PortalStage).delete()

    page = signed_in(house).get("/preferences")

    assert 'value="contractsent" selected' in page.text
    assert "n’ont pas encore été lues" in words(page)


def test_stage_gone_from_hubspot_is_said_to_be(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(PipelineStage).filter_by(event="sent").update({"stage_id": "negotiation"})

    page = signed_in(house).get("/preferences")

    assert 'value="negotiation" selected' in page.text
    assert "negotiation, qui n’existe plus dans HubSpot" in words(page)


def test_channel_that_is_lost_goes_by_its_name(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        change_rules(session, {"paid": Rule(to_slack=True, channel_id="C0OLD")})
        row = TeamChannel(slack_channel_id="C0OLD", name="compta", read_at=wall_now())
        row.trouble, row.is_archived = "is_archived", True
        session.add(row)

    assert "#compta, qui ne prend plus nos messages" in words(signed_in(house).get("/preferences"))


@pytest.mark.parametrize("section", PREFERENCES)
@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
def test_section_without_our_token_is_403(house: House, section: str, token: str | None) -> None:
    fields = PREFERENCES[section]
    data = fields if token is None else {**fields, "csrf_token": token}

    answer = signed_in(house).post(f"/preferences/{section}", data=data)

    assert answer.status_code == 403


@pytest.mark.parametrize("section", PREFERENCES)
def test_section_answers_where_it_was_sent(house: House, section: str) -> None:
    page = signed_in(house).get("/preferences").text

    assert f'action="/preferences/{section}#{section}"' in page
    assert f'id="{section}"' in page


def test_every_label_leads_to_one_field(house: House) -> None:
    page = signed_in(house).get("/preferences").text

    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r' for="([^"]+)"', page)) < set(ids)


def test_unknown_section_is_404(house: House) -> None:
    assert post_form(signed_in(house), "/preferences/nothing").status_code == 404


def test_section_is_kept_and_no_other_changes(house: House) -> None:
    offers = {**PREFERENCES["offers"], "language": "en", "validity_days": "7", "billing_label": ""}

    answer = post_form(signed_in(house), "/preferences/offers", **offers)

    row = kept(house)
    assert answer.headers["Location"] == "/preferences?saved=offers#offers"
    assert (row.language, row.validity_days, row.billing_label) == ("en", 7, "")
    assert row.seller_name == PREFERENCES["seller"]["seller_name"]


WRONG = [
    ("seller", "seller_name", " "),
    ("seller", "seller_name", "\u200b\u202e"),
    ("seller", "seller_address", "x" * 1001),
    ("mail", "reply_to", "nobody"),
    ("mail", "reply_to", "a@b.example\nBcc: x@y.example"),
    ("mail", "reply_to", "jeanne.@maison.example"),
    ("mail", "sender_name", "x" * 101),
    ("offers", "validity_days", "0"),
    ("offers", "validity_days", "366"),
    ("offers", "validity_days", "²"),
    ("offers", "validity_days", "dix"),
    ("offers", "language", "de"),
    ("offers", "time_zone", "Europe/Atlantis"),
    ("offers", "time_zone", "../etc/passwd"),
    ("offers", "currency", "EURO"),
    ("seller", "siren", "901 234 568"),
    ("seller", "siren", "12"),
    ("seller", "vat_number", "FR16901234567"),
    ("seller", "vat_number", "FR40123456824"),
    ("seller", "vat_number", "XX123"),
    ("seller", "vat_number", "éé"),
    ("look", "colour", "red"),
    ("look", "colour", "#ffd700"),
    ("look", "colour", "#fff;}a{"),
    ("terms", "terms", "x" * 20_001),
]


@pytest.mark.parametrize(("section", "field", "value"), WRONG)
def test_wrong_field_is_said_there(house: House, section: str, field: str, value: str) -> None:
    before = getattr(kept(house), field)

    answer = post_form(
        signed_in(house), f"/preferences/{section}", **{**PREFERENCES[section], field: value}
    )

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'aria-describedby="{field}-error' in answer.text
    assert getattr(kept(house), field) == before


def test_name_is_kept_on_one_line_without_what_nobody_sees(house: House) -> None:
    typed = {**PREFERENCES["seller"], "seller_name": " Maison\r\nBcc: x\u202e "}

    post_form(signed_in(house), "/preferences/seller", **typed)

    assert kept(house).seller_name == "Maison Bcc: x"


def test_line_breaks_of_a_browser_count_once(house: House) -> None:
    post_form(signed_in(house), "/preferences/terms", terms="\r\n".join(["x" * 9] * 2_000))

    assert kept(house).terms == "\n".join(["x" * 9] * 2_000)


@pytest.mark.parametrize(
    ("section", "field", "value", "said"),
    [
        ("offers", "validity_days", "9" * 5_000, "entre 1 et 365"),
        ("quiet", "quiet_from", "22:00:00", "par exemple 22:00"),
        ("told", "told.paid.others", "a@b.example, compta", "« compta » n’est pas une adresse"),
    ],
)
def test_wrong_sign_is_told_by_its_own_sentence(
    house: House, section: str, field: str, value: str, said: str
) -> None:
    typed = {**PREFERENCES.get(section, {}), field: value}

    answer = post_form(signed_in(house), f"/preferences/{section}", **typed)

    assert said in words(answer)


def test_nothing_typed_beside_a_wrong_field_is_lost(house: House) -> None:
    typed = {"seller_name": "", "seller_address": "1 rue <Neuve>"}

    answer = post_form(signed_in(house), "/preferences/seller", **typed)

    assert "1 rue &lt;Neuve&gt;" in answer.text
    assert "1 rue" not in kept(house).seller_address


def test_all_wrong_fields_are_said_at_once(house: House) -> None:
    wrong = {"language": "de", "validity_days": "0", "billing_label": "x" * 101}

    answer = post_form(
        signed_in(house), "/preferences/offers", **{**PREFERENCES["offers"], **wrong}
    )

    assert [name for name in wrong if f'id="{name}-error"' in answer.text] == list(wrong)


@pytest.mark.parametrize("section", ["offers", "<script>", ""])
def test_saved_word_is_ours_or_nothing(house: House, section: str) -> None:
    page = signed_in(house).get("/preferences", query_string={"saved": section})

    assert page.status_code == 200
    assert "<script>" not in page.text
    assert ("C’est enregistré." in words(page)) == (section == "offers")


@pytest.mark.parametrize(
    ("siren", "vat_number"),
    [("", ""), ("901 234 567", ""), ("", "DE136695976"), ("", "CHE-107.787.577 IVA")],
)
def test_legal_numbers_of_many_countries_are_taken(
    house: House, siren: str, vat_number: str
) -> None:
    typed = {**PREFERENCES["seller"], "siren": siren, "vat_number": vat_number}

    assert post_form(signed_in(house), "/preferences/seller", **typed).status_code == 303
    assert kept(house).siren == siren.replace(" ", "")


def test_last_payment_method_cannot_be_taken_away(house: House) -> None:
    answer = post_form(signed_in(house), "/preferences/methods")

    assert answer.status_code == 422
    assert "Gardez au moins un moyen" in words(answer)
    assert kept(house).methods == ["card", "sepa_debit"]
    assert 'name="method_card" checked' not in answer.text


def test_chosen_methods_alone_are_offered(house: House) -> None:
    post_form(signed_in(house), "/preferences/methods", method_card="on")

    assert house.send("5101").methods == ["card"]


def test_identity_stands_on_page_mail_and_receipt(house: House) -> None:
    purchase = house.buy("5101")

    page = house.app.test_client().get(link(house, house.proposal("5101"))).text
    mails = house.mails("jeanne@atelier-martin.example")
    for said in (page, mails[0]["text"], mails[0]["html"]):
        assert "SIREN 901\u00a0234\u00a0567" in said
        assert "TVA FR15901234567" in said
    assert purchase.status == "paid"


def test_colour_of_today_leaves_what_was_sent(house: House) -> None:
    before = link(house, house.send("5101"))
    post_form(signed_in(house), "/preferences/look", colour="#8a1c4a")

    old = house.app.test_client().get(before).text
    new = house.app.test_client().get(link(house, house.send("5102"))).text

    assert "--accent: #14483d" in old.rpartition(":root")[2]
    assert "--accent: #8a1c4a" in new
    assert "#8a1c4a" in house.mails()[-1]["html"]


def test_currency_of_a_deal_without_one_is_the_chosen_one(house: House) -> None:
    post_form(
        signed_in(house), "/preferences/offers", **{**PREFERENCES["offers"], "currency": "CHF"}
    )

    def of_no_currency(session: ScopedSession) -> str:
        return chosen_currency(session)

    assert house.read(of_no_currency) == "CHF"


def test_days_end_where_the_tenant_chose_to_live(house: House) -> None:
    zone = {**PREFERENCES["offers"], "time_zone": "Pacific/Auckland"}
    post_form(signed_in(house), "/preferences/offers", **zone)

    until = house.send("5101").valid_until

    assert until
    assert until.astimezone(ZoneInfo("Pacific/Auckland")).hour == 23
