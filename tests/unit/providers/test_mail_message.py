"""A mail's form on the wire, whatever the CRM put into its fields."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from app.errors import FailureKind, ProviderError
from app.providers.mail_message import Attachment, Mail, as_message


def make_mail(**overrides: object) -> Mail:
    fields: dict[str, object] = {
        "to": "jeanne@atelier-martin.example",
        "to_name": "Jeanne Martin",
        "sender": "propale@maison.example",
        "sender_name": "Maison du Sandbox",
        "reply_to": "dana@maison.example",
        "subject": "Votre proposition P-2026-0001",
        "text": "Bonjour",
        "html": "<p>Bonjour</p>",
        "message_id": "<proposal-1@propale.example>",
        "language": "fr",
    }
    return Mail(**{**fields, **overrides})  # type: ignore[arg-type]


def received(mail: Mail) -> EmailMessage:
    return message_from_bytes(as_message(mail).as_bytes(), policy=policy.default)


@pytest.mark.parametrize("field", ["to_name", "sender_name", "subject"])
def test_line_break_in_words_makes_no_header(field: str) -> None:
    message = received(make_mail(**{field: "Jeanne\r\nBcc: thief@evil.example\x0b"}))

    assert message["Bcc"] is None
    assert "Jeanne  Bcc: thief@evil.example" in str(message["To"]) + str(message["From"]) + str(
        message["Subject"]
    )


# What a mail program takes for letters in another alphabet (RFC 2047): here CR, LF and a header.
ENCODED = [
    "=?utf-8?q?Jeanne=0D=0ABcc:_thief@evil.example?=",
    "=?utf-8?b?SmVhbm5lDQpCY2M6IHRoaWVmQGV2aWwuZXhhbXBsZQ==?=",
    "=?utf-8?q?Jeanne=0D=0A=0D=0A<a_href=3D'https://evil.example'>?=",
    "==?=?utf-8?q?=0D=0ABcc:_t@evil.example?=",
]


@pytest.mark.parametrize("words", ENCODED)
@pytest.mark.parametrize("field", ["to_name", "sender_name", "subject", "filename"])
def test_encoded_word_stays_the_words_it_is(field: str, words: str) -> None:
    plain = as_message(make_mail()).as_bytes()
    file = Attachment(words if field == "filename" else "a.pdf", "application/pdf", b"%PDF-")
    more = {} if field == "filename" else {field: words}

    sent = as_message(make_mail(**more, attachments=(file,))).as_bytes()

    message = message_from_bytes(sent, policy=policy.default)
    assert set(message.keys()) == set(message_from_bytes(plain).keys())
    assert b"\nBcc" not in sent
    assert [one.addr_spec for one in message["To"].addresses] == [make_mail().to]


@pytest.mark.parametrize("field", ["to", "sender", "reply_to"])
@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: t@evil.example",
        "a b@c.example",
        "a@b, c@d",
        "none",
        "<a@b>",
        "=?utf-8?q?a=0D=0ABcc=3A_t?=@evil.example",
    ],
)
def test_address_that_is_none_is_refused(field: str, address: str) -> None:
    with pytest.raises(ProviderError) as refused:
        as_message(make_mail(**{field: address}))

    assert (refused.value.kind, refused.value.code) == (FailureKind.PERMANENT, "bad_header")


def test_line_break_in_the_message_id_is_refused() -> None:
    with pytest.raises(ProviderError):
        as_message(make_mail(message_id="<a@b>\r\nBcc: t@evil.example"))


def test_accents_emoji_and_right_to_left_arrive_whole() -> None:
    message = received(make_mail(to_name="Zoé 🌿 שלום", subject="Été : 540,00 €"))

    assert message["To"].addresses[0].display_name == "Zoé 🌿 שלום"
    assert message["Subject"] == "Été : 540,00 €"


def test_ten_thousand_letters_stay_within_the_wires_lines() -> None:
    raw = as_message(make_mail(to_name="n" * 10_000, subject="s" * 10_000)).as_bytes()

    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_text_html_and_pdf_travel_together() -> None:
    pdf = Attachment("facture\r\nété.pdf", "application/pdf", b"%PDF-1.7")

    message = received(make_mail(attachments=(pdf,)))

    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "facture  été.pdf"
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content() == b"%PDF-1.7"
    assert [part.get_content_type() for part in message.walk()][2:4] == ["text/plain", "text/html"]


def test_message_names_itself_its_language_and_its_writer() -> None:
    message = received(make_mail())

    assert message["Message-ID"] == "<proposal-1@propale.example>"
    assert message["Content-Language"] == "fr"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "dana@maison.example"
    assert message["Date"]
