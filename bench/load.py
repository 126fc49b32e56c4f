"""A load client: a few kept connections, each sending ready-made requests one after the other.

It makes no request and parses no answer while the clock runs, so that it takes little of the
machine it shares with the servers; how much is a figure of its own.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

CONNECTIONS = 16
SECONDS_TO_ANSWER = 30


@dataclass
class Load:
    """How one slot went; `good` holds the seconds to each 2xx, `worked` the servers' own."""

    seconds: float = 0.0
    worked: float = 0.0
    client_share: float = 0.0
    good: list[float] = field(default_factory=list)
    bad: int = 0

    @property
    def per_second(self) -> float:
        return len(self.good) / self.seconds


def post(port: int, path: str, headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    """The bytes of one request."""
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(port: int, requests: Sequence[bytes]) -> Load:
    """Send every request once over `CONNECTIONS` connections, as fast as they are answered."""
    load, waiting, lock = Load(), iter(requests), threading.Lock()
    threads = [
        threading.Thread(target=_connection, args=(port, waiting, lock, load))
        for _ in range(CONNECTIONS)
    ]
    began, worked = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    load.client_share = (time.process_time() - worked) / load.seconds
    return load


def _connection(port: int, waiting: Iterator[bytes], lock: threading.Lock, load: Load) -> None:
    with socket.create_connection(("127.0.0.1", port), SECONDS_TO_ANSWER) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            with lock:
                request = next(waiting, None)
            if request is None:
                return
            began = time.perf_counter()
            connection.sendall(request)
            good = _good(connection)
            if good:
                load.good.append(time.perf_counter() - began)
            else:
                load.bad += 1


def _good(connection: socket.socket) -> bool:
    """Read one answer to its end and say whether it was a 2xx."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _more(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += _more(connection)
    return head[9:10] == b"2"


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server closed a connection it was asked to keep")
    return part
