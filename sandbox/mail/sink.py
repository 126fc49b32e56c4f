"""The SMTP server: takes every message, keeps every double, fails when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from sandbox.mail.messages import keep, note_unanswered
from sandbox.mail.rules import refusal, words

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

    from sandbox.faults import Fault
    from sandbox.world import World

_SIZE_LIMIT = 25 * 1024 * 1024
_GARBLED = "?? no code, no words"


class Sink:
    """aiosmtpd's handler; faults of vendor `mail` have the method MAIL, RCPT or DATA."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session
        answer = await self._meet(server, "MAIL", address)
        if answer is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session
        answer = await self._meet(server, "RCPT", address)
        if answer is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer or "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the message; a cut `before` loses it after the final dot, a cut `after` keeps it."""
        del session
        fault = self._take("DATA", ",".join(envelope.rcpt_tos))
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.status is not None:
            return _refusal(fault)
        if fault and (fault.cut or fault.garbled):
            note_unanswered(self._world, envelope)
        if fault and fault.cut == "before":
            return _cut(server)
        wrong = refusal(envelope)
        if wrong:
            return wrong
        message_id = keep(self._world, envelope)
        if fault and fault.cut == "after":
            return _cut(server)
        if fault and fault.garbled:
            return _GARBLED
        return f"250 OK queued as {message_id}"

    async def _meet(self, server: SMTP, method: str, address: str) -> str | None:
        fault = self._take(method, address)
        if fault is None:
            return None
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.cut:
            return _cut(server)
        return None if fault.status is None else _refusal(fault)

    def _take(self, method: str, address: str) -> Fault | None:
        self._world.journal.arrived("mail", method, address, at=self._world.clock.wall())
        return self._world.faults.take("mail", method, address)


def start_sink(world: World) -> Controller:
    """Listen on SMTP_URL's address in a thread of its own; OSError when the port is taken."""
    host, port = world.settings.smtp_address
    controller = Controller(
        Sink(world),
        hostname=host,
        port=port,
        data_size_limit=_SIZE_LIMIT,
        enable_SMTPUTF8=True,
        ident="Propale sandbox",
    )
    controller.start()
    return controller


def _refusal(fault: Fault) -> str:
    text = fault.body if isinstance(fault.body, str) else words(fault.status or 0)
    return f"{fault.status} {text}"


def _cut(server: SMTP) -> str:
    transport: Any = server.transport
    connection = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    transport.abort()
    return "421 cut"
