"""What is taken for an e-mail address is what our mails can carry."""

import pytest

from app.addresses import is_address
from app.providers.mail_message import as_message
from tests.unit.providers.test_mail_message import make_mail

GOOD = [
    "jeanne@atelier-martin.example",
    "j.o'brien+propale@sous.domaine.example",
    "contact@xn--socit-esab.example",
    "1@2.co",
]
BAD = [
    "", "@", "jeanne", "jeanne@maison", "jeanne@maison.e", "jeanne@maison..example",
    "jeanne@.maison.example", "jeanne@-maison.example", "jeanne@maison.example.",
    "jeanne..m@maison.example", ".jeanne@maison.example", "jeanne.@maison.example",
    "josé@maison.example", "jeanne@société.example", "jean\x01ne@maison.example",
    "jeanne\u200b@maison.example", "Jeanne <jeanne@maison.example>", "a@b.example,c@d.example",
    "=?utf-8?q?a=0D=0ABcc?=@maison.example",
    "a b@maison.example", "a@b.example\nBcc: c@d.example", '"a"@maison.example',
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_address_taken_is_one_our_mails_can_carry(text: str) -> None:
    assert is_address(text)
    assert text.encode() in as_message(make_mail(to=text, reply_to=text)).as_bytes()


@pytest.mark.parametrize("text", BAD)
def test_what_no_mail_can_carry_is_no_address(text: str) -> None:
    assert not is_address(text)
