"""Received messages as the inbox and the tests see them."""

from __future__ import annotations

from base64 import b64encode
from email import message_from_bytes, policy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope

    from sandbox.store import Record, Table
    from sandbox.world import World


def table(world: World) -> Table:
    return world.store.table("mail", "messages")


def keep(world: World, envelope: Envelope) -> str:
    """Store one arrival and return its number; the same message twice is two arrivals."""
    content = envelope.content or b""
    raw = content if isinstance(content, bytes) else content.encode()
    with world.store.lock:
        number = str(world.store.number("mail.message"))
        table(world)[number] = {
            "id": number,
            "from": envelope.mail_from,
            "to": list(envelope.rcpt_tos),
            "raw": raw.decode("latin-1"),
            "at": world.clock.now().isoformat(),
        }
        return number


def note_unanswered(world: World, envelope: Envelope) -> None:
    """Keep that nobody was told what became of this message: it may have arrived, or not."""
    content = envelope.content or b""
    raw = content if isinstance(content, bytes) else content.encode()
    with world.store.lock:
        number = str(world.store.number("mail.unanswered"))
        said = parsed({"raw": raw.decode("latin-1")})["Message-ID"]
        world.store.table("mail", "unanswered")[number] = {"message_id": str(said or "")}


def parsed(record: Record) -> EmailMessage:
    """Read the stored bytes as a message."""
    return message_from_bytes(record["raw"].encode("latin-1"), policy=policy.default)


def described(record: Record) -> dict[str, Any]:
    """id, from, to, subject, headers, text, html, attachments (name, type, size), at."""
    envelope = {name: record[name] for name in ("id", "from", "to", "at")}
    return envelope | _read(record["raw"])


@lru_cache(maxsize=1000)
def _read(raw: str) -> dict[str, Any]:
    """What the message itself says, read once: every open inbox asks for all of them each time."""
    message = parsed({"raw": raw})
    return {
        "subject": str(message["Subject"] or ""),
        "headers": [[name, str(value)] for name, value in message.items()],
        "message_id": str(message["Message-ID"] or ""),
        "text": part_text(message, "plain"),
        "html": part_text(message, "html"),
        "attachments": [
            {"name": name, "type": kind, "size": len(content)}
            for name, kind, content in attachments(message)
        ],
    }


def part_text(message: EmailMessage, kind: str) -> str | None:
    """Return the text of the first `plain` or `html` body, None when there is none."""
    part = message.get_body(preferencelist=(kind,))
    return None if part is None else str(part.get_content())


def with_pictures(message: EmailMessage, html: str) -> str:
    """The HTML with the pictures that the message carries for it, as a mail program shows them."""
    for part in message.walk():
        name = str(part["Content-ID"] or "").strip("<>")
        if name and part.get_content_maintype() == "image":
            picture = b64encode(bytes(part.get_payload(decode=True) or b"")).decode()
            shown = f"data:{part.get_content_type()};base64,{picture}"
            html = html.replace(f"cid:{name}", shown)
    return html


def attachments(message: EmailMessage) -> list[tuple[str, str, bytes]]:
    """(name, content type, bytes) of every attachment."""
    return [
        (
            part.get_filename() or f"part-{place}",
            part.get_content_type(),
            bytes(part.get_payload(decode=True) or b""),
        )
        for place, part in enumerate(message.iter_attachments())
    ]
