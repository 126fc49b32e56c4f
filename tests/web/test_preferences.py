"""The preferences page: each section is saved alone, and nothing typed is lost."""

import pytest

from app.models import PortalStage, Preferences
from tests.support.house import PREFERENCES, House
from tests.web.browsing import post_form, signed_in, words


def kept(house: House) -> Preferences:
    return house.read(lambda session: session.get_one(Preferences, house.tenant_id))


def test_page_offers_the_portals_stages_and_calls_nobody(house: House) -> None:
    page = signed_in(house).get("/preferences")

    assert "Pipeline des ventes · " in page.text
    assert 'value="contractsent" selected' in page.text
    assert "Étapes des transactions, telles que lues le" in words(page)
    assert house.sandbox.world.journal.entries() == []


def test_stages_not_read_yet_keep_what_was_chosen(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(PortalStage).delete()

    page = signed_in(house).get("/preferences")

    assert 'value="contractsent" selected' in page.text
    assert "n’ont pas encore été lues" in words(page)


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


def test_unknown_section_is_404(house: House) -> None:
    assert post_form(signed_in(house), "/preferences/nothing").status_code == 404


def test_section_is_kept_and_no_other_changes(house: House) -> None:
    offers = {"language": "en", "validity_days": "7", "billing_label": ""}

    answer = post_form(signed_in(house), "/preferences/offers", **offers)

    row = kept(house)
    assert answer.headers["Location"] == "/preferences?saved=offers#offers"
    assert (row.language, row.validity_days, row.billing_label) == ("en", 7, "")
    assert row.seller_name == PREFERENCES["seller"]["seller_name"]


WRONG = [
    ("seller", "seller_name", " "),
    ("seller", "seller_address", "x" * 1001),
    ("mail", "reply_to", "nobody"),
    ("mail", "reply_to", "a@b.example\nBcc: x@y.example"),
    ("mail", "sender_name", "x" * 101),
    ("offers", "validity_days", "0"),
    ("offers", "validity_days", "366"),
    ("offers", "validity_days", "²"),
    ("offers", "validity_days", "dix"),
    ("offers", "language", "de"),
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


def test_nothing_typed_beside_a_wrong_field_is_lost(house: House) -> None:
    typed = {"seller_name": "", "seller_address": "1 rue <Neuve>"}

    answer = post_form(signed_in(house), "/preferences/seller", **typed)

    assert "1 rue &lt;Neuve&gt;" in answer.text
    assert "1 rue" not in kept(house).seller_address


def test_all_wrong_fields_are_said_at_once(house: House) -> None:
    typed = {"language": "de", "validity_days": "0", "billing_label": "x" * 101}

    answer = post_form(signed_in(house), "/preferences/offers", **typed)

    assert [name for name in typed if f'id="{name}-error"' in answer.text] == list(typed)


@pytest.mark.parametrize("section", ["offers", "<script>", ""])
def test_saved_word_is_ours_or_nothing(house: House, section: str) -> None:
    page = signed_in(house).get("/preferences", query_string={"saved": section})

    assert page.status_code == 200
    assert "<script>" not in page.text
    assert ("C’est enregistré." in words(page)) == (section == "offers")
