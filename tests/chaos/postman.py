"""Brings each customer the link in her mail, by following the sandbox's file."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from sandbox.mail.messages import parsed, part_text
from tests.chaos.reading import kind_of_mail, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LINK = re.compile(r"http\S+/p/[\w-]+")
_NEW = "SELECT rowid, body FROM records WHERE place = 'mail/messages' AND rowid > ? ORDER BY rowid"
_LOOK_SECONDS = 0.2


class Postman:
    """`links` holds the newest link by address; `work` runs in a thread until it is over."""

    def __init__(self, sandbox_file: Path, over: Callable[[], bool]) -> None:
        self.links: dict[str, str] = {}
        self._file, self._over, self._last = sandbox_file, over, 0

    def work(self) -> None:
        with closing(open_sandbox(self._file)) as file:
            while not self._over():
                self._look(file)
                time.sleep(_LOOK_SECONDS)

    def wait(self, address: str) -> str:
        """The link of the mail to this address; "" when it is over before the mail came."""
        while not self._over() and address not in self.links:
            time.sleep(_LOOK_SECONDS)
        return self.links.get(address, "")

    def _look(self, file: sqlite3.Connection) -> None:
        for number, body in file.execute(_NEW, (self._last,)).fetchall():
            record = json.loads(body)
            mail = parsed(record)
            if kind_of_mail(str(mail["Subject"])) == "proposal_sent":
                found = _LINK.search(part_text(mail, "plain") or "")
                self.links |= {address: found[0] for address in record["to"] if found}
            self._last = number
