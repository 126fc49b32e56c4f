"""A name server of one's own: it knows the TXT records that a test gives it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset
from dns.resolver import Resolver

Zone = Mapping[str, Sequence[str]]


@contextmanager
def knowing(zone: Zone) -> Iterator[Resolver]:
    """A resolver that asks a server of its own until the block ends."""
    with serving_names(zone, ("127.0.0.1", 0)) as (address, port):
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = [address], port
        yield resolver


@contextmanager
def serving_names(zone: Zone, at: tuple[str, int]) -> Iterator[tuple[str, int]]:
    """Answer questions about the zone there until the block ends; gives the real address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(at)
        serving = threading.Thread(target=_serve, args=(wire, zone), daemon=True)
        serving.start()
        yield wire.getsockname()
        wire.sendto(b"", wire.getsockname())
        serving.join()


def _serve(wire: socket.socket, zone: Zone) -> None:
    while True:
        packet, asker = wire.recvfrom(4096)
        if not packet:
            return
        wire.sendto(_answer(dns.message.from_wire(packet), zone).to_wire(), asker)


def _answer(query: dns.message.Message, zone: Zone) -> dns.message.Message:
    answer, name = dns.message.make_response(query), str(query.question[0].name).rstrip(".")
    if texts := zone.get(name):
        quoted = [f'"{text}"' for text in texts]
        answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *quoted))
    elif not any(known.endswith(f".{name}") for known in zone):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
