"""What people type into a CRM, on its whole way: shown as text, cut where needed, never obeyed."""

import json
import re
from email import message_from_bytes, policy
from html import unescape
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from app.models import Proposal
from sandbox.hubspot import records
from sandbox.hubspot.seed import plant_deal
from sandbox.mail import messages as mail
from tests.factories import token_of
from tests.support.house import House
from tests.web.browsing import signed_in

TEXTS = {
    "html": '<script>alert(1)</script><img src=x onerror="alert(1)"><b>gras</b>',
    "entities": "&lt;b&gt; &amp; \"'`",
    "template": "{{7*7}} {{1234*4321}} {% raw %} ${1234*4321} #{7*7} {seller_name} %s %(a)s",
    "line breaks": "Un\r\nBcc: victime@x.example\r\n\r\nDeux",
    "slack": "<!channel> <@U0DANA> <https://evil.example|facture> *gras* :tada:",
    "typst": '#read("/etc/passwd") #evil[x] $x$ _a_ @ref <lab> \\ // /* */',
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈 zalgo Z̵͎̈́",
    "rtl": "\u202eevitagen\u202c שלום العربية",
    "long": "x" * 10_000,
    "long words": "mot long " * 1_200,
    "formula": '=HYPERLINK("https://evil.example","facture") +1 -1 @SUM(A1)',
    "bidi": "\u202egnp.tnemyap\u2066 a\u2069 \u200f\u061c\u200d\u2060\u180e\u00ad",
    "headers": "a\rBcc: victime@x.example\nb\x0bc\x0cd\x85e\u2028f\u2029g",
    "encoded": "=?utf-8?q?a=0D=0ABcc:_victime@x.example=0D=0A=0D=0A<b>b</b>?=",
    "controls": "a\u0007b\u200bc\ufeffd",
}


def hostile_deal(text: str) -> dict[str, Any]:
    """A deal with that text wherever a person may type."""
    return {
        "dealname": text,
        "dealstage": "qualifiedtobuy",
        "currency": "EUR",
        "owner": "9001",
        "company": {"name": text, "address": text, "zip": text, "city": text},
        "contacts": [{"firstname": text, "lastname": text, "email": "sam@buyer.example"}],
        "lines": [
            {
                "name": text,
                "description": text,
                "quantity": "1",
                "price": "450.00",
                "recurringbillingfrequency": "monthly",
                "hs_tax_rate_group_id": "7120",
            }
        ],
    }


# Further examples of markup, of length and of signs that nobody sees: with `--long`.
FURTHER = {"entities", "rtl", "long words", "controls"}


def each(name: str) -> ParameterSet:
    marks = [pytest.mark.long] if name in FURTHER else []
    return pytest.param(TEXTS[name], id=name, marks=marks)


@pytest.fixture(params=[each(name) for name in TEXTS])
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sold(house: House, text: str) -> tuple[House, Proposal]:
    """Sent, accepted, paid, everything told."""
    deal = plant_deal(house.sandbox.world, "148111", hostile_deal(text))
    proposal = house.send(deal)
    purchase = house.accept(proposal)
    assert purchase.stripe_page_url, house.open_errors()
    house.enter(purchase)
    house.settle()
    assert house.purchase(purchase.id).status == "paid", house.open_errors()
    assert house.open_errors() == []
    return house, house.read(lambda session: session.get_one(Proposal, proposal.id))


def test_hostile_text_is_only_text_everywhere(sold: tuple[House, Proposal], text: str) -> None:
    house, proposal = sold

    check_document(proposal, text)
    check_mails(house)
    check_slack(house, text)
    check_pages(house, proposal, text)
    check_receipt(house)
    check_crm(house)


def check_document(proposal: Proposal, text: str) -> None:
    """Frozen as it was typed, ends trimmed."""
    assert proposal.document["lines"][0]["name"] == text.strip()


def check_mails(house: House) -> None:
    for record in mail.table(house.sandbox.world).values():
        raw = record["raw"].encode("latin-1")
        message = message_from_bytes(raw, policy=policy.default)
        assert message.get_all("Bcc") is None
        assert len(message.get_all("To") or []) == len(message.get_all("Subject") or []) == 1
        assert "\n" not in str(message["Subject"])
        assert len(str(message["Subject"])) <= 250
        assert "victime@x.example" not in record["to"]
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        html = message.get_body(preferencelist=("html",))
        assert html is not None
        assert no_foreign_markup(html.get_content())


def no_foreign_markup(html: str) -> bool:
    """No tag of ours is a script, an image of theirs or a handler; templates were not run."""
    lower = html.lower()
    return (
        "<script>alert" not in lower
        and "<img src=x" not in lower
        and 'onerror="alert' not in re.sub(r"&#34;|&quot;", "", lower)
        and "5332114" not in lower
    )


def check_slack(house: House, text: str) -> None:
    posts = house.posts()
    assert len(posts) == 2
    for post in posts:
        assert "<!channel>" not in post["text"]
        assert "<https://evil" not in post["text"]
        elements = json.dumps(post["blocks"], ensure_ascii=False)
        assert '"mrkdwn"' not in elements
        header = post["blocks"][0]["text"]
        assert header["type"] == "plain_text"
        assert len(header["text"]) <= 150
    assert text is not None


def check_pages(house: House, proposal: Proposal, text: str) -> None:
    client = house.app.test_client()
    pages = [
        client.get(f"/p/{token_of(proposal)}"),
        signed_in(house).get(f"/d/{proposal.public_id}"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert no_foreign_markup(page.text)
    first_words = " ".join(text.replace("\r", " ").split())[:20]
    shown = " ".join(unescape(pages[1].text).split())
    assert first_words[:10] in shown or not first_words.isprintable()


def check_receipt(house: House) -> None:
    paid = next(m for m in house.mails("sam@buyer.example") if m["attachments"])
    assert [a["type"] for a in paid["attachments"]] == ["application/pdf"] * 2
    assert all(a["size"] < 500_000 for a in paid["attachments"])


def check_crm(house: House) -> None:
    """What we write into HubSpot is our own words and figures, each on one line."""
    written = [
        value
        for deal in records.table(house.sandbox.world, str(house.account.portal), "deals").values()
        for name, value in deal["properties"].items()
        if name.startswith("propale_") and value
    ]
    assert written
    assert all(value.isprintable() and no_foreign_markup(value) for value in written)


def test_card_tells_hostile_text_as_json_strings(house: House, text: str) -> None:
    deal = plant_deal(house.sandbox.world, "148111", hostile_deal(text))

    view = house.view(deal)

    assert view["state"] == "ready"
    assert isinstance(view["offers"][0]["label"], str)


def test_hostile_text_names_its_line_in_problems(house: House, text: str) -> None:
    wanted = hostile_deal(text)
    wanted["lines"][0]["price"] = ""
    deal = plant_deal(house.sandbox.world, "148111", wanted)

    view = house.view(deal)

    assert view["state"] == "not_ready"
    assert [problem["code"] for problem in view["problems"]] == ["price_missing"]
