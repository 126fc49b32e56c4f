"""Fills the books: plain SQL on our tables, the sandbox's file for the four vendors."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.mail.messages import parsed, part_text
from tests.chaos.books import Accepted, Books, Letter, Money, Told
from tests.chaos.recovery import Takeover, takeovers
from tests.chaos.sales import Sale, key_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.chaos.stage import Stage
    from tests.chaos.storm import Storm

Record = dict[str, Any]
_ACCEPTED = """SELECT p.recipient_email, p.due_now_minor, coalesce(m.status, ''),
    extract(epoch FROM a.accepted_at)
FROM acceptances a JOIN proposals p ON p.id = a.proposal_id AND p.tenant_id = a.tenant_id
LEFT JOIN purchases m ON m.proposal_id = p.id AND m.tenant_id = p.tenant_id"""

_LETTERS = """SELECT m.kind, m.status, m.last_error, m.operation_key,
    coalesce(p.recipient_email, '')
FROM messages m
LEFT JOIN purchases b ON b.id = (m.payload ->> 'purchase_id')::bigint AND b.tenant_id = m.tenant_id
LEFT JOIN proposals p ON p.tenant_id = m.tenant_id
    AND p.id = coalesce((m.payload ->> 'proposal_id')::bigint, b.proposal_id)
WHERE m.status IN ('pending', 'leased', 'dead')
    AND NOT (m.status = 'pending' AND m.attempts = 0
        AND m.available_at > now() + interval '2 seconds')"""
_MAIL_IDS = "SELECT id, operation_key FROM messages WHERE provider = 'email'"
# So soon after the final dot the product has stored that the mail went, unless it was hindered.
_STORED_SECONDS = 5.0
# A message is taken over so soon after what ended its lease, or by the same process before.
_TAKEN_OVER_SECONDS = 30.0
# The beginnings of subjects in the sellers' language, French.
MAIL_SUBJECTS = {
    "proposal_sent": "Votre proposition",
    "invoice_paid": "Votre facture",
    "payment_failed": "Votre paiement n",
    "action_needed": "Votre banque",
    "rep_accepted": "Acceptée",
    "rep_paid": "Payée",
    "rep_failed": "Paiement refusé",
    "owner_differences": "À regarder",
}
_POSTS = {"accepted": "a accepté", "paid": r"a payé|a souscrit|s.abonne|abonné"}
PORTALS = (148111, 148222)
_ACCOUNTS = ("acct_sandbox0001", "acct_sandbox0002")
_TEAMS = ("T0SANDBOX", "T0AUTRE")
_CHANNEL = "C0VENTES"


def read_books(stage: Stage, sales: Sequence[Sale], storm: Storm) -> Books:
    """Read all four, while nothing moves any more."""
    books = Books(sales)
    _read_ours(books, stage)
    with closing(open_sandbox(stage.sandbox_file)) as file:
        _read_stripe(books, file)
        _read_told(books, file)
        _read_deals(books, file)
        books.doubts.update(one["message_id"] for one in records(file, "mail/unanswered"))
    books.doubts = Counter({_bare(said): times for said, times in books.doubts.items()})
    books.doubts.update(_hit(books, _mail_ids(stage), takeovers(stage), storm))
    return books


def _mail_ids(stage: Stage) -> dict[int, str]:
    """Each mail's Message-ID by the number of its message."""
    with stage.connect() as ours:
        return {number: _digest(key) for number, key in ours.execute(_MAIL_IDS).fetchall()}


def _hit(
    books: Books, mails: dict[int, str], taken_over: Sequence[Takeover], storm: Storm
) -> Iterator[str]:
    """Each mail as often as a kill or an outage came between its call and our commit."""
    by_mail = {
        mail: [one for one in taken_over if one.message_id == number]
        for number, mail in mails.items()
    }
    for mail, ended in by_mail.items():
        for one in ended:
            if one.first_of((*storm.kills, *storm.outages)) is not None:
                yield mail
    for arrival in books.mails:
        for outage in storm.outages:
            taken = (one.taken_at for one in by_mail.get(arrival.id, ()))
            if -1 <= outage - arrival.at <= _STORED_SECONDS and not any(
                0 <= at - outage <= _TAKEN_OVER_SECONDS for at in taken
            ):
                yield arrival.id


def open_letters(stage: Stage) -> list[Letter]:
    """Which of our messages are not done."""
    with stage.connect() as ours:
        return [_letter(*row) for row in ours.execute(_LETTERS).fetchall()]


def open_sandbox(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def records(file: sqlite3.Connection, *places: str) -> Iterator[Record]:
    """The sandbox's records of these places, each from the oldest on."""
    for place in places:
        rows = file.execute("SELECT body FROM records WHERE place = ? ORDER BY rowid", (place,))
        yield from (json.loads(body) for (body,) in rows)


def kind_of_mail(subject: str) -> str:
    """The kind a subject tells, else the subject itself."""
    found = [kind for kind, begins in MAIL_SUBJECTS.items() if subject.startswith(begins)]
    return found[0] if found else subject


def _read_ours(books: Books, stage: Stage) -> None:
    books.letters = open_letters(stage)
    with stage.connect() as ours:
        for email, minor, status, at in ours.execute(_ACCEPTED).fetchall():
            books.accepted.append(Accepted(key_in(email) or email, minor, status, float(at)))


def _letter(kind: str, status: str, reason: str, operation_key: str, email: str) -> Letter:
    mail = _digest(operation_key) if kind.startswith("email.") else ""
    return Letter(key_in(email) or "", kind, status, reason, mail)


def _digest(operation_key: str) -> str:
    """The part of a mail's Message-ID before the @."""
    return hashlib.sha256(operation_key.encode()).hexdigest()[:40]


def _bare(message_id: str) -> str:
    return message_id.strip("<>").partition("@")[0]


def _read_stripe(books: Books, file: sqlite3.Connection) -> None:
    def all_of(kind: str) -> Iterator[Record]:
        return records(file, *(f"stripe/{account}/{kind}" for account in _ACCOUNTS))

    buyers = {one["id"]: key_in(one["email"] or "") or one["id"] for one in all_of("customer")}
    books.customers = list(buyers.values())
    books.subscriptions = [
        (buyers[one["customer"]], one["status"]) for one in all_of("subscription")
    ]
    books.invoices = [
        Money(buyers[one["customer"]], one["status"], one["total"]) for one in all_of("invoice")
    ]
    books.charges = [
        Money(buyers[one["customer"]], one["status"], one["amount"]) for one in all_of("charge")
    ]


def _read_told(books: Books, file: sqlite3.Connection) -> None:
    for record in records(file, "mail/messages"):
        message = parsed(record)
        subject = str(message["Subject"])
        text = f"{record['to']} {subject} {part_text(message, 'plain')}"
        at = datetime.fromisoformat(record["at"]).timestamp()
        mail_id = _bare(str(message["Message-ID"]))
        books.mails.append(Told(key_in(text) or "", kind_of_mail(subject), mail_id, at))
    for team in _TEAMS:
        for post in records(file, f"slack/{team}/messages/{_CHANNEL}"):
            key, kind = key_in(json.dumps(post.get("blocks"))), _kind_of_post(post["text"])
            if key:
                books.posts.append(Told(key, kind, f"{team}:{post['ts']}", float(post["ts"])))


def _kind_of_post(text: str) -> str:
    found = [kind for kind, words in _POSTS.items() if re.search(words, text)]
    return found[0] if found else text


def _read_deals(books: Books, file: sqlite3.Connection) -> None:
    for deal in records(file, *(f"hubspot/{portal}/deals" for portal in PORTALS)):
        if key := key_in(str(deal["properties"].get("dealname"))):
            books.deals[key] = {name: value or "" for name, value in deal["properties"].items()}
