"""A mail as plain data, and its form on the wire."""

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from app.errors import FailureKind, ProviderError

PROVIDER = "email"
# Longer words in a header make lines that servers refuse; no reader shows that much.
_LONGEST_NAME = 120
_LONGEST_SUBJECT = 250
ENCODED = "=?"  # an encoded word begins so


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send along; `content_type` is like `application/pdf`."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person.

    Addresses are bare, names are what people read; both may come from the CRM. `message_id` is
    `<...@...>` and stays the same when the mail is sent again. `html` may be "" for text only; it
    may show `logo`, a PNG, as `cid:logo`.
    """

    to: str
    to_name: str
    sender: str
    sender_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    message_id: str
    language: str
    attachments: tuple[Attachment, ...] = ()
    logo: bytes = b""


def as_message(mail: Mail) -> EmailMessage:
    """Build the message. Line breaks are folded out of names and subject, refused elsewhere.

    Raises ProviderError PERMANENT, code `bad_header`, for an address that is none.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = _address(mail.sender_name, mail.sender)
        message["To"] = _address(mail.to_name, mail.to)
        if mail.reply_to:
            message["Reply-To"] = _address("", mail.reply_to)
        message["Subject"] = _one_line(mail.subject)[:_LONGEST_SUBJECT]
        message["Message-ID"] = mail.message_id
        message["Date"] = formatdate()
        # No out-of-office answers to a machine: RFC 3834.
        message["Auto-Submitted"] = "auto-generated"
        _fill(message, mail)
        message["Content-Language"] = mail.language
    except (ValueError, IndexError, MessageError) as error:
        words = "The mail has an address or a header that no server takes."
        raise ProviderError(PROVIDER, FailureKind.PERMANENT, words, code="bad_header") from error
    return message


def _fill(message: EmailMessage, mail: Mail) -> None:
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
        if mail.logo:
            _add_logo(message, mail.logo)
    for attachment in mail.attachments:
        maintype, _, subtype = attachment.content_type.partition("/")
        message.add_attachment(
            attachment.content,
            maintype=maintype,
            subtype=subtype or "octet-stream",
            filename=_one_line(attachment.filename)[:_LONGEST_NAME],
        )


def _add_logo(message: EmailMessage, logo: bytes) -> None:
    """Inside the HTML's own part, so that no program lists it as an attachment: RFC 2387."""
    html = message.get_body(("html",))
    if isinstance(html, EmailMessage):
        html.add_related(
            logo, "image", "png", cid="<logo>", disposition="inline", filename="logo.png"
        )


def _address(name: str, address: str) -> Address:
    odd = any(letter.isspace() or not letter.isprintable() for letter in address)
    if not address or odd or ENCODED in address:
        raise ValueError("not an address")
    return Address(display_name=_one_line(name)[:_LONGEST_NAME].strip(), addr_spec=address)


def _one_line(text: str) -> str:
    """Words as they are: an encoded word would be decoded, line breaks and all (RFC 2047)."""
    line = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    return line.replace(ENCODED, "= ?")
