"""The four books side by side: what was accepted, charged and told, and what is not as it must be.

Pure: `tests/chaos/reading.py` fills the books, and tests fill them with mistakes to be found.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.chaos.sales import Sale

# Mails and Slack messages of which every paid sale has one; the rest comes only in some cases.
ALWAYS_MAILED = ("proposal_sent", "invoice_paid", "rep_accepted", "rep_paid")
SOMETIMES_MAILED = {
    "card_declined": {"payment_failed", "rep_failed"},
    "card_3ds_at_charge": {"action_needed"},
}
MOST_DOUBTS = 2
ALWAYS_POSTED = ("accepted", "paid")
FINAL_DEAL = {
    "propale_status": "accepted",
    "propale_payment_status": "paid",
    "propale_problem": "",
    "dealstage": "closedwon",
}


class Fault(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What is not as it must be; `key` is the sale, "" for no sale in particular."""

    fault: Fault
    key: str
    what: str


@dataclass(frozen=True)
class Accepted:
    """An acceptance in our tables; `at` in Unix seconds."""

    key: str
    due_minor: int
    money_status: str
    at: float


@dataclass(frozen=True)
class Money:
    """An invoice or a charge of Stripe's; amounts in cents."""

    key: str
    status: str
    minor: int


@dataclass(frozen=True)
class Told:
    """A mail or Slack message that arrived; `id` is its Message-ID or Slack's ts."""

    key: str
    kind: str
    id: str
    at: float = 0.0


@dataclass(frozen=True)
class Letter:
    """A message of ours that is not done: dead or still open; `mail` is a mail's Message-ID."""

    key: str
    kind: str
    status: str
    reason: str = ""
    mail: str = ""


@dataclass
class Books:
    """Everything that was found, each list from its own source."""

    sales: Sequence[Sale]
    accepted: list[Accepted] = field(default_factory=list)  # our tables
    letters: list[Letter] = field(default_factory=list)
    # How many blows may have hit each mail while it was sent, by its Message-ID: what the sandbox
    # and the storm know of it, not what the product thinks.
    doubts: Counter[str] = field(default_factory=Counter)
    customers: list[str] = field(default_factory=list)  # Stripe: one key per customer
    subscriptions: list[tuple[str, str]] = field(default_factory=list)  # key, status
    invoices: list[Money] = field(default_factory=list)
    charges: list[Money] = field(default_factory=list)
    mails: list[Told] = field(default_factory=list)
    posts: list[Told] = field(default_factory=list)
    deals: dict[str, dict[str, str]] = field(default_factory=dict)  # HubSpot, by key

    @property
    def charged(self) -> int:
        """How many acceptances were paid by at least one charge."""
        paid = {charge.key for charge in self.charges if charge.status == "succeeded"}
        return len(paid & {one.key for one in self.accepted})

    @property
    def told(self) -> int:
        """How many acceptances the team has read of."""
        posted = {post.key for post in self.posts if post.kind == "accepted"}
        return len(posted & {one.key for one in self.accepted})

    @property
    def slowest_told(self) -> float:
        """The longest time from an acceptance to the team's first message, in seconds."""
        first: dict[str, float] = {}
        for post in self.posts:
            if post.kind == "accepted":
                first[post.key] = min(post.at, first.get(post.key, post.at))
        return max(
            (first[one.key] - one.at for one in self.accepted if one.key in first), default=0
        )

    @property
    def repeated_mails(self) -> list[Told]:
        """Every arrival of a mail after its first: the same Message-ID."""
        ids = [mail.id for mail in self.mails]
        return [mail for place, mail in enumerate(self.mails) if mail.id in ids[:place]]

    @property
    def excused(self) -> set[tuple[str, str]]:
        """Sale and kind of each mail that nobody may send a third time."""
        return {(letter.key, letter.kind) for letter in self.letters if self.excuses(letter)}

    @property
    def unfinished(self) -> list[Sale]:
        """Who saw no end of it, but for those whose link a person has to send."""
        unsent = {key for key, kind in self.excused if kind == "email.proposal_sent"}
        open_ones = [sale for sale in self.sales if not sale.settled]
        return [sale for sale in open_ones if sale.link or sale.key not in unsent]

    def excuses(self, letter: Letter) -> bool:
        """Whether it is a mail that two blows hit, so that no machine may send it again."""
        return letter.status == "dead" and self.doubts[letter.mail] >= MOST_DOUBTS


def compare(books: Books) -> list[Finding]:
    """Everything lost, doubled or wrong; an empty list is what must come of a storm."""
    by_key = {one.key: one for one in books.accepted}
    findings = [
        *_acceptances(books), *_unsettled(books), *_repeats(books), *_needless_mails(books),
    ]  # fmt: skip
    for sale in books.sales:
        row = by_key.get(sale.key)
        findings += _bought(books, sale, row) if row else _not_bought(books, sale.key)
    return findings


def _acceptances(books: Books) -> Iterator[Finding]:
    """What the customers know of against what our tables know of."""
    kept = Counter(one.key for one in books.accepted)
    for sale in books.sales:
        if sale.accepted and not kept[sale.key]:
            yield Finding(Fault.LOST, sale.key, "her acceptance")
        if kept[sale.key] > 1:
            yield Finding(Fault.DOUBLED, sale.key, f"{kept[sale.key]} acceptances")
    for stranger in kept.keys() - {sale.key for sale in books.sales}:
        yield Finding(Fault.WRONG, stranger, "an acceptance of nobody's")


def _unsettled(books: Books) -> Iterator[Finding]:
    for letter in books.letters:
        if not books.excuses(letter):
            what = f"{letter.kind} is {letter.status}: {letter.reason}"
            yield Finding(Fault.WRONG, letter.key, what)


def _repeats(books: Books) -> Iterator[Finding]:
    """A mail may come twice, if its first attempt was cut or its process died; never thrice."""
    for mail, times in Counter(books.repeated_mails).items():
        if times > 1:
            yield Finding(Fault.DOUBLED, mail.key, f"{mail.kind} arrived {times + 1} times")
        elif not books.doubts[mail.id]:
            yield Finding(Fault.DOUBLED, mail.key, f"{mail.kind} came again for no reason")


def _needless_mails(books: Books) -> Iterator[Finding]:
    """No mail tells of what did not happen: a refusal, a pause, a lost connection."""
    ways = {sale.key: sale.way for sale in books.sales}
    # The owner is told in the night of what only a person can mend: a mail left in doubt.
    for_owner = {"owner_differences"} if books.excused else set()
    for mail in _first_arrivals(books):
        entered = [SOMETIMES_MAILED.get(choice, set()) for choice in ways.get(mail.key, ())]
        if mail.kind not in for_owner.union(ALWAYS_MAILED, *entered):
            yield Finding(Fault.WRONG, mail.key, f"a needless mail: {mail.kind}")


def _not_bought(books: Books, key: str) -> Iterator[Finding]:
    """Nobody accepted: no money, no news."""
    for kind, found in (
        ("a charge", [one.key for one in books.charges if one.status != "failed"]),
        ("a subscription", [one for one, _ in books.subscriptions]),
        ("an invoice", [one.key for one in books.invoices]),
        ("a Slack message", [post.key for post in books.posts]),
    ):
        if key in found:
            yield Finding(Fault.WRONG, key, f"{kind} without an acceptance")


def _bought(books: Books, sale: Sale, row: Accepted) -> Iterator[Finding]:
    key = sale.key
    yield from _money(books, sale, row)
    for kind in ALWAYS_POSTED:
        posts = [post.id for post in books.posts if (post.key, post.kind) == (key, kind)]
        yield from _exactly(1, len(posts), key, f"Slack: {kind}")
    mailed = Counter((mail.key, mail.kind) for mail in _first_arrivals(books))
    for kind in ALWAYS_MAILED:
        if mailed[key, kind] or (key, f"email.{kind}") not in books.excused:
            yield from _exactly(1, mailed[key, kind], key, f"mail: {kind}")
    deal = books.deals.get(key, {})
    unsent = any(owner == key for owner, _ in books.excused)
    for name, wanted in FINAL_DEAL.items():
        told_so = unsent and name == "propale_problem" and deal.get(name)
        if deal.get(name, "") != wanted and not told_so:
            yield Finding(Fault.WRONG, key, f"deal: {name} is {deal.get(name)!r}")


def _money(books: Books, sale: Sale, row: Accepted) -> Iterator[Finding]:
    key = sale.key
    charges = [one for one in books.charges if one.key == key and one.status != "failed"]
    # A void invoice asks for no money: it is no second one.
    invoices = [one for one in books.invoices if one.key == key and one.status != "void"]
    subscriptions = [status for owner, status in books.subscriptions if owner == key]
    yield from _exactly(1, books.customers.count(key), key, "customer at Stripe")
    yield from _exactly(1, len(charges), key, "charge")
    yield from _exactly(1, len(invoices), key, "invoice")
    yield from _exactly(int(sale.recurring), len(subscriptions), key, "subscription")
    for status in subscriptions:
        if status != "active":
            yield Finding(Fault.WRONG, key, f"its subscription is {status}")
    for name, one in [*(("charge", one) for one in charges), *(("invoice", i) for i in invoices)]:
        if one.status not in {"succeeded", "paid"}:
            yield Finding(Fault.WRONG, key, f"its {name} is {one.status}")
        if one.minor != sale.due_minor:
            what = f"its {name} is of {one.minor} cents instead of {sale.due_minor}"
            yield Finding(Fault.WRONG, key, what)
    if (row.due_minor, row.money_status) != (sale.due_minor, "paid"):
        what = f"our row says {row.money_status}, {row.due_minor} instead of {sale.due_minor}"
        yield Finding(Fault.WRONG, key, what)


def _first_arrivals(books: Books) -> list[Told]:
    return list({mail.id: mail for mail in reversed(books.mails)}.values())


def _exactly(wanted: int, found: int, key: str, what: str) -> Iterator[Finding]:
    if found < wanted:
        yield Finding(Fault.LOST, key, what)
    elif found > wanted:
        yield Finding(Fault.DOUBLED, key, f"{what}: {found} instead of {wanted}")
