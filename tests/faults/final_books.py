"""What both sides hold when nothing moves any more, in words that two runs can be compared by.

Stripe's ids differ from run to run; they are written as the kind and how many there were before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from email import message_from_string, policy
from typing import Any

from sqlalchemy import select

from app.models import (
    Acceptance,
    Connection,
    Deal,
    DealProblem,
    Message,
    PaidInvoice,
    Proposal,
    ProposalRequest,
    Purchase,
    StageFact,
    StripeMirror,
    Tenant,
)
from sandbox.hubspot import records, schema
from sandbox.mail.messages import table as mail_table
from tests.support.house import House

Books = dict[str, Counter[str]]
# Told in any number: the current state, and what Stripe tells us.
LEVELS = (
    *("hubspot.sync_deal", "hubspot.create_properties", "hubspot.read_stages"),
    *("slack.read_channels", "slack.try_app"),
    *("inbox.stripe", "stripe.start_billing", "stripe.open_page"),
    *("stripe.read_invoice", "stripe.reconcile", "hubspot.reconcile"),
)
# Their keys end after a day, and nobody is hurt by a second one.
HARMLESS = ("product", "tax_rate")
VARYING = re.compile(r"propale_(accepted_at|sent_at|link)|hs_.*|createdate")
OURS: dict[type, tuple[str, ...]] = {
    Tenant: ("hub_id", "currency"),
    Connection: ("provider", "status", "account_id", "problem"),
    ProposalRequest: ("status", "refusal"),
    Proposal: ("number", "status", "version", "methods", "decline_reason"),
    DealProblem: ("kind", "words"),
    Acceptance: ("proposal_id", "version", "method"),
    Purchase: (
        "status", "method", "problem", "generation", "stripe_customer_id", "stripe_invoice_id",
        "stripe_subscription_id", "reminders_sent",
    ),
    PaidInvoice: ("stripe_invoice_id", "number"),
    StageFact: ("event", "stage_id", "status"),
    StripeMirror: ("kind", "our_key", "state", "object_id"),
    Deal: ("hubspot_deal_id", "stage_problem"),
}  # fmt: skip
SHOWN = {
    "customer": ("name", "email", "balance"),
    "subscription": ("status", "cancel_at_period_end"),
    "invoice": ("status", "total", "amount_paid", "billing_reason", "number"),
    "charge": ("status", "amount", "currency", "customer"),
    "checkout.session": ("status",),
    "product": ("name",),
    "tax_rate": ("display_name", "percentage"),
}


def read_books(house: House) -> Books:
    """Every book, each as how often a line stands in it."""
    with house.sandbox.world.store.lock:
        stripe = {kind: list(house.books().table(kind).values()) for kind in SHOWN}
    names = {
        record["id"]: kind if kind in HARMLESS else f"{kind}#{number}"
        for kind, rows in stripe.items()
        for number, record in enumerate(rows, 1)
    }
    return {
        **{kind: _lines(rows, SHOWN[kind], names) for kind, rows in stripe.items()},
        **{table.__name__: _ours(house, table, columns, names) for table, columns in OURS.items()},
        **_told(house.messages()),
        "deals": _deals(house, names),
        "properties": Counter(
            list(schema.created(house.sandbox.world, str(house.account.portal), "deals"))
        ),
        "posts": Counter(_named(post["text"], names) for post in house.posts() if _tells(post)),
        "mails": Counter(_addressed(mail) for mail in mail_table(house.sandbox.world).values()),
    }


def _addressed(mail: dict[str, Any]) -> str:
    """To whom and about what; reading the attachments too would take longest of all."""
    head = message_from_string(mail["raw"].partition("\r\n\r\n")[0], policy=policy.default)
    return f"{mail['to'][0]}: {head['Subject']}"


def _tells(post: dict[str, Any]) -> bool:
    """Not one that only tries a connection, which may be tried any number of times."""
    return ":slack.test:" not in str(post.get("metadata"))


def _told(messages: list[Message]) -> Books:
    """Facts are told once each; of all the rest only what is open or dead counts.

    `bugs`: what failed by an error of ours, even if a later attempt went well.
    """
    facts = [f"{m.kind} {m.status}" for m in messages if m.kind not in LEVELS]
    waiting = [f"{m.kind} {m.status}" for m in messages if m.status in ("pending", "leased")]
    dead = [m.kind for m in messages if m.status == "dead"]
    bugs = [f"{m.kind}: {m.last_error}" for m in messages if m.bugs]
    told = {"facts": facts, "open": waiting, "dead": dead, "bugs": bugs}
    return {name: Counter(lines) for name, lines in told.items()}


def _named(text: object, names: dict[str, str]) -> str:
    written = str(text)
    for key, name in names.items():
        written = written.replace(key, name)
    return written


def _lines(
    rows: Iterable[dict[str, Any]], columns: tuple[str, ...], names: dict[str, str]
) -> Counter[str]:
    return Counter(_named(" ".join(str(row.get(name)) for name in columns), names) for row in rows)


def _ours(
    house: House, table: Any, columns: tuple[str, ...], names: dict[str, str]
) -> Counter[str]:
    wanted = select(*(getattr(table, column) for column in columns))
    rows = house.read(lambda session: session.execute(wanted).mappings().all())
    return _lines([dict(row) for row in rows], columns, names)


def _deals(house: House, names: dict[str, str]) -> Counter[str]:
    """What the CRM shows of each deal we know, and how often each stage was written."""
    shown: Counter[str] = Counter()
    for deal in house.read(lambda session: session.scalars(select(Deal)).all()):
        found = records.get(
            house.sandbox.world, str(house.account.portal), "deals", deal.hubspot_deal_id
        )
        for name, value in found["properties"].items():
            written = "..." if VARYING.fullmatch(name) and value else value
            shown[_named(f"{deal.hubspot_deal_id} {name}={written or ''}", names)] += 1
        behind = deal.revision - deal.pushed_revision
        shown[f"{deal.hubspot_deal_id} behind by {behind}"] += 1
    return shown


def difference(got: Books, wanted: Books) -> list[str]:
    """Every line that one side has more often than the other: `+` too often, `-` missing."""
    told = []
    for name, lines in wanted.items():
        told += [f"+{name}: {line}" for line in (got[name] - lines).elements()]
        told += [f"-{name}: {line}" for line in (lines - got[name]).elements()]
    return told
