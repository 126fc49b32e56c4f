"""Fills the books: plain SQL on our tables, the sandbox's file for the four vendors."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sandbox.mail.messages import parsed, part_text
from tests.chaos.books import Accepted, Books, Letter, Money, Told
from tests.chaos.sales import Sale, key_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.chaos.stage import Stage

Record = dict[str, Any]
_ACCEPTED = """SELECT p.recipient_email, p.due_now_minor, coalesce(m.status, ''),
    extract(epoch FROM a.accepted_at)
FROM acceptances a JOIN proposals p ON p.id = a.proposal_id AND p.tenant_id = a.tenant_id
LEFT JOIN purchases m ON m.proposal_id = p.id AND m.tenant_id = p.tenant_id"""

_LETTERS = """SELECT m.kind, m.status, m.last_error, m.doubts, coalesce(p.recipient_email, '')
FROM messages m
LEFT JOIN purchases b ON b.id = (m.payload ->> 'purchase_id')::bigint AND b.tenant_id = m.tenant_id
LEFT JOIN proposals p ON p.tenant_id = m.tenant_id
    AND p.id = coalesce((m.payload ->> 'proposal_id')::bigint, b.proposal_id)
WHERE m.status IN ('pending', 'leased', 'dead')
    AND NOT (m.status = 'pending' AND m.attempts = 0
        AND m.available_at > now() + interval '2 seconds')"""
_DOUBTFUL = "SELECT operation_key FROM messages WHERE provider = 'email' AND doubts > 0"
# The beginnings of subjects in the sellers' language, French.
_MAILS = {
    "proposal_sent": "Votre proposition",
    "invoice_paid": "Votre facture",
    "payment_failed": "Votre paiement n",
    "action_needed": "Votre banque",
    "rep_accepted": "Acceptée",
    "rep_paid": "Payée",
    "rep_failed": "Paiement refusé",
    "differences": "Rapprochement",
}
_POSTS = {"accepted": "a accepté", "paid": r"a payé|a souscrit|s.abonne|abonné"}
_PORTALS = (148111, 148222)
_ACCOUNTS = ("acct_sandbox0001", "acct_sandbox0002")
_TEAMS = ("T0SANDBOX", "T0AUTRE")
_CHANNEL = "C0VENTES"


def read_books(stage: Stage, sales: Sequence[Sale]) -> Books:
    """Read all four, while nothing moves any more."""
    books = Books(sales)
    _read_ours(books, stage)
    with closing(open_sandbox(stage.sandbox_file)) as file:
        _read_stripe(books, file)
        _read_told(books, file)
        _read_deals(books, file)
    return books


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
    found = [kind for kind, begins in _MAILS.items() if subject.startswith(begins)]
    return found[0] if found else subject


def _read_ours(books: Books, stage: Stage) -> None:
    books.letters = open_letters(stage)
    with stage.connect() as ours:
        for email, minor, status, at in ours.execute(_ACCEPTED).fetchall():
            books.accepted.append(Accepted(key_in(email) or email, minor, status, float(at)))
        for (key,) in ours.execute(_DOUBTFUL).fetchall():
            books.doubtful_mails.add(hashlib.sha256(key.encode()).hexdigest()[:40])


def _letter(kind: str, status: str, reason: str, doubts: int, email: str) -> Letter:
    # In doubt twice, the second time when it was given up: no machine may send the mail again.
    excused = kind.startswith("email.") and status == "dead" and doubts > 0
    return Letter(key_in(email) or "", kind, status, reason, excused)


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
        message_id = str(message["Message-ID"]).strip("<>").partition("@")[0]
        books.mails.append(Told(key_in(text) or "", kind_of_mail(subject), message_id))
    for team in _TEAMS:
        for post in records(file, f"slack/{team}/messages/{_CHANNEL}"):
            key, kind = key_in(json.dumps(post.get("blocks"))), _kind_of_post(post["text"])
            if key:
                books.posts.append(Told(key, kind, f"{team}:{post['ts']}", float(post["ts"])))


def _kind_of_post(text: str) -> str:
    found = [kind for kind, words in _POSTS.items() if re.search(words, text)]
    return found[0] if found else text


def _read_deals(books: Books, file: sqlite3.Connection) -> None:
    for deal in records(file, *(f"hubspot/{portal}/deals" for portal in _PORTALS)):
        if key := key_in(str(deal["properties"].get("dealname"))):
            books.deals[key] = {name: value or "" for name, value in deal["properties"].items()}
