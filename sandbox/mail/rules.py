"""What mail servers of today refuse after the final dot, and the words they refuse with."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope

# RFC 5322, section 3.6: these stand once at most; large receivers refuse the message otherwise.
_ONCE = ("From", "Sender", "Reply-To", "To", "Cc", "Subject", "Message-ID", "Date")
_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_WORDS = {
    421: "4.3.2 Service not available, closing transmission channel",
    450: "4.2.1 Mailbox temporarily unavailable",
    451: "4.7.1 Greylisted, please try again later",
    452: "4.2.2 Mailbox full",
    550: "5.1.1 No such user here",
    552: "5.3.4 Message too big",
    553: "5.1.3 Bad recipient address",
    554: "5.7.1 Message refused",
}


def refusal(envelope: Envelope) -> str | None:
    """The answer to a message that no careful server takes; None for a good one."""
    content = envelope.content if isinstance(envelope.content, bytes) else b""
    if _BARE.search(content):
        return "550 5.6.11 Bare line feeds are illegal"
    if not _header(content).isascii() and "SMTPUTF8" not in envelope.mail_options:
        return "554 5.6.7 Header has non-ASCII characters without SMTPUTF8"
    message: EmailMessage = message_from_bytes(content, policy=policy.default)
    doubled = next((name for name in _ONCE if len(message.get_all(name, [])) > 1), None)
    if doubled:
        return f"550 5.7.1 Message has more than one {doubled} header"
    return None if _has_one_sender(message) else "550 5.7.1 From header has no valid address"


def words(status: int) -> str:
    """A server's usual words for a status."""
    return _WORDS.get(status, "5.0.0 Refused" if status >= 500 else "4.0.0 Later")  # noqa: PLR2004


def _header(content: bytes) -> bytes:
    return content.partition(b"\r\n\r\n")[0]


def _has_one_sender(message: EmailMessage) -> bool:
    addresses = list(message["From"].addresses) if message["From"] else []
    return len(addresses) == 1 and bool(addresses[0].username and addresses[0].domain)
