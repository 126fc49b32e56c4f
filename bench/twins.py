"""Twins of one purchase, on both sides and in step: our rows, the sandbox's objects."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from app.db import Base
from sandbox import demo_processes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.servers import Stage

_FIRST_DEAL = 900_000
_UUID = "lpad(to_hex(n), 8, '0') || '-0000-4000-8000-00000000000{kind}'"
# What of a row is each twin's own, as SQL over its number `n`; the rest is the first one's.
_OWN = {
    "deals": {"hubspot_deal_id": f"({_FIRST_DEAL} + n)::text"},
    "proposals": {
        "public_id": _UUID.format(kind=1),
        "deal_id": "deal_id + n",
        "sequence": "sequence + n",
        "token_hash": "token_hash || n",
    },
    "purchases": {
        "public_id": _UUID.format(kind=2),
        "proposal_id": "proposal_id + n",
        "return_token_hash": "return_token_hash || n",
        "stripe_customer_id": "stripe_customer_id || '_' || n",
        "stripe_subscription_id": "stripe_subscription_id || '_' || n",
        "stripe_invoice_id": "stripe_invoice_id || '_' || n",
        "stripe_session_id": "NULL",
    },
    "paid_invoices": {
        "purchase_id": "purchase_id + n",
        "stripe_invoice_id": "stripe_invoice_id || '_' || n",
    },
}
_NAMED = """SELECT d.hubspot_deal_id, p.public_id, u.public_id, u.stripe_customer_id,
u.stripe_subscription_id, u.stripe_invoice_id
FROM deals d JOIN proposals p ON p.deal_id = d.id JOIN purchases u ON u.proposal_id = p.id"""


def make(here: Stage, database: psycopg.Connection, number: int) -> None:
    """Make so many, the first one counted, while nobody works."""
    for name in ("worker", "web", "sandbox"):
        here.signal(name, signal.SIGKILL)
        here.processes.running.pop(name).wait()
    first = database.execute(_NAMED).fetchone()
    assert first is not None
    for table, own in _OWN.items():
        database.execute(_copies(table, own).encode(), (number - 1,))
    database.execute("ANALYZE")
    _make_objects(Path(here.env["DATA_DIR"]) / "sandbox.db", [str(one) for one in first], number)
    demo_processes.start_sandbox(here.processes)
    demo_processes.wait_for_sandbox(here.processes, here.env)


def _copies(table: str, own: dict[str, str]) -> str:
    values = {"id": "id + n", **own}
    names = [column.name for column in Base.metadata.tables[table].columns]
    copied = ", ".join(values.get(name, name) for name in names)
    only = f"id = (SELECT min(id) FROM {table})"
    return (
        f"INSERT INTO {table} ({', '.join(names)}) "
        f"SELECT {copied} FROM {table}, generate_series(1, %s) n WHERE {only}"
    )


def _make_objects(file: Path, first: list[str], number: int) -> None:
    deal, _, _, customer, subscription, invoice = first
    wanted = (deal, customer, subscription, invoice)
    with closing(sqlite3.connect(file)) as store, store:
        found = store.execute(
            "SELECT place, id, body FROM records WHERE id IN (?, ?, ?, ?) "
            "AND (place GLOB 'stripe/acct_*' OR place GLOB 'hubspot/*/deals')",
            wanted,
        ).fetchall()
        rows = (row for record in found for row in _twins(record, first, number))
        store.executemany("INSERT INTO records (place, id, body) VALUES (?, ?, ?)", rows)


def _twins(
    record: tuple[str, str, str], first: list[str], number: int
) -> Iterator[tuple[str, str, str]]:
    place, key, body = record
    for n in range(1, number):
        text = body
        for old, new in zip(first[1:], _names(first, n), strict=True):
            text = text.replace(old, new)
        text = text.replace('"propale_buyer": "', f'"propale_buyer": "{n}')
        found = json.loads(text)
        found["id"] = str(_FIRST_DEAL + n) if key == first[0] else f"{key}_{n}"
        yield place, found["id"], json.dumps(found)


def _names(first: list[str], n: int) -> list[str]:
    """The twin's names for what the first one's are, but for the deal's id."""
    ids = [f"{name}_{n}" for name in first[3:]]
    return [f"{n:08x}-0000-4000-8000-000000000001", f"{n:08x}-0000-4000-8000-000000000002", *ids]
