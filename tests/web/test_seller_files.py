"""Logo and terms: uploaded, frozen with what was sent, shown to those it was sent to alone."""

from __future__ import annotations

import hashlib

import pytest

from app.accounts.preferences.uploads import LARGEST_LOGO, find_file
from app.models import Acceptance, Preferences
from sandbox.mail.messages import parsed, table
from tests.support.house import House
from tests.unit.test_uploads import SVG, document, huge_png, opening, picture
from tests.web.browsing import post_form, send_file, signed_in, words
from tests.web.test_preferences import kept, link

PDF = document()
LOCKED = document(lambda writer: writer.encrypt("x", algorithm="RC4-128"))


def with_logo(house: House, colour_size: tuple[int, int] = (200, 80)) -> bytes:
    """Send a logo; returns what is kept of it."""
    assert send_file(signed_in(house), "logo", picture(size=colour_size)).status_code == 303
    stored = house.read(lambda session: find_file(session, kept(house).logo))
    assert stored
    return stored.content


def test_logo_is_shown_on_the_customers_page(house: House) -> None:
    made = with_logo(house)
    at = link(house, house.send("5101"))
    browser = house.app.test_client()

    page, logo = browser.get(at), browser.get(f"{at}/logo")

    assert f'src="{at}/logo" alt="Maison du Sandbox"' in page.text
    assert (logo.data, logo.mimetype) == (made, "image/png")
    assert logo.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_sent_proposal_keeps_its_logo_and_terms(house: House) -> None:
    old = with_logo(house)
    send_file(signed_in(house), "terms_file", PDF, "conditions.pdf")
    at = link(house, house.send("5101"))
    with_logo(house, (90, 90))
    post_form(signed_in(house), "/preferences/terms_file", remove="1")

    browser = house.app.test_client()

    assert browser.get(f"{at}/logo").data == old
    assert browser.get(f"{at}/terms").data == PDF


def test_terms_are_a_download_that_can_do_nothing(house: House) -> None:
    send_file(signed_in(house), "terms_file", PDF, "Conditions d’été; x.pdf")
    at = link(house, house.send("5101"))

    page, file = house.app.test_client().get(at), house.app.test_client().get(f"{at}/terms")

    assert f'href="{at}/terms"' in page.text
    assert file.mimetype == "application/pdf"
    assert file.headers["Content-Disposition"].startswith("attachment; ")
    assert (
        "''Conditions%20d%E2%80%99%C3%A9t%C3%A9%3B%20x.pdf" in file.headers["Content-Disposition"]
    )
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_acceptance_covers_the_very_file(house: House) -> None:
    send_file(signed_in(house), "terms_file", PDF, "conditions.pdf")
    proposal = house.send("5101")
    house.accept(proposal)

    seller = proposal.document["seller"]
    evidence = house.read(lambda session: session.query(Acceptance).one())
    assert seller["terms_file"] == hashlib.sha256(PDF).hexdigest()
    assert evidence.document_hash == proposal.document_hash


def test_withdrawn_proposal_gives_no_terms(house: House) -> None:
    send_file(signed_in(house), "terms_file", PDF)
    proposal = house.send("5101")
    house.card("/deals/5101/withdraw?lang=fr", {"proposalId": proposal.public_id})

    assert house.app.test_client().get(f"{link(house, proposal)}/terms").status_code == 404


def test_mails_carry_the_logo_inside(house: House) -> None:
    made = with_logo(house)
    house.buy("5101")

    found = [parsed(record) for record in table(house.sandbox.world).values()]
    to_customer = [one for one in found if "atelier-martin" in str(one["To"])]
    to_others = [one for one in found if one not in to_customer]
    for message in to_customer:
        [part] = [p for p in message.walk() if p["Content-ID"] == "<logo>"]
        assert part.get_payload(decode=True) == made
        assert "cid:logo" in str(message.get_body(("html",)).get_content())  # type: ignore[union-attr]
    assert len(to_customer) == 2
    assert not any(p["Content-ID"] for one in to_others for p in one.walk())
    assert [len(mail["attachments"]) for mail in house.mails("jeanne@atelier-martin.example")] == [
        0,
        2,
    ]


HOSTILE = [
    ("logo", SVG, "n’est pas une image"),
    ("logo", b"<html><script>1</script>", "n’est pas une image"),
    ("logo", picture() + b"<script>1</script>", "n’est pas une image"),
    ("logo", picture()[:-30], "n’est pas une image"),
    ("logo", picture("GIF"), "n’est pas une image"),
    ("logo", huge_png(), "trop grande"),
    ("logo", b"", "Choisissez d’abord un fichier"),
    ("logo", b"\0" * (LARGEST_LOGO + 1), "trop lourd : 2 Mo"),
    ("logo", b"\0" * (LARGEST_LOGO + 200_000), "trop lourd : 2 Mo"),
    ("terms_file", picture(), "n’est pas un PDF"),
    ("terms_file", PDF[:-200], "n’est pas un PDF"),
    ("terms_file", document(opening("Launch", F="calc.exe")), "contient un programme"),
    (
        "terms_file",
        document(lambda writer: writer.encrypt("x", algorithm="RC4-128")),
        "mot de passe",
    ),
]


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("what", "content", "sentence"), HOSTILE)
def test_hostile_file_is_one_sentence(
    house: House, what: str, content: bytes, sentence: str
) -> None:
    answer = send_file(signed_in(house), what, content, "logo.png")

    assert answer.status_code == 422
    assert sentence in words(answer).replace("\u202f", " ")
    assert f'id="{what}-error"' in answer.text
    assert getattr(kept(house), what) == ""


def test_logo_can_be_taken_away(house: House) -> None:
    with_logo(house)

    post_form(signed_in(house), "/preferences/logo", remove="1")

    assert signed_in(house).get("/preferences/logo").status_code == 404
    assert "/logo" not in house.app.test_client().get(link(house, house.send("5101"))).text


def test_two_tenants_never_see_each_others_files(house: House, other_house: House) -> None:
    with_logo(house)
    send_file(signed_in(house), "terms_file", PDF)
    proposal = house.send("5101")
    stranger = signed_in(other_house)

    for path in ("logo", "terms"):
        assert signed_in(house).get(f"/d/{proposal.public_id}/{path}").status_code == 200
        assert stranger.get(f"/d/{proposal.public_id}/{path}").status_code == 404
    for path in ("logo", "terms_file"):
        assert stranger.get(f"/preferences/{path}").status_code == 404


def test_hash_of_the_others_file_finds_nothing(house: House, other_house: House) -> None:
    with_logo(house)
    with house.runtime.database.writing(other_house.tenant_id) as session:
        session.get_one(Preferences, other_house.tenant_id).logo = kept(house).logo

    assert signed_in(other_house).get("/preferences/logo").status_code == 404


@pytest.mark.parametrize("what", ["logo", "terms_file"])
def test_file_without_our_token_is_403(house: House, what: str) -> None:
    answer = signed_in(house).post(f"/preferences/{what}", data={"remove": "1"})

    assert answer.status_code == 403
