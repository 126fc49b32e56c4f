"""The storm's comparison finds what is planted in the books: lost, doubled, wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.books import ALWAYS_MAILED, Accepted, Books, Letter, Money, Told, compare
from tests.chaos.sales import Sale

LINES = [
    {"name": "Poste", "quantity": "1", "price": "10.00", "recurringbillingfrequency": "monthly"}
]
SALE = Sale("0001", 148111, 7001, "9001", "dana@maison.example", ("card_ok",), LINES)
VISITOR = replace(SALE, key="0002")


def sound_books() -> Books:
    """One sale accepted, paid and told as it must be, and one customer who only looked."""
    sale = replace(SALE, accepted=True, settled=True)
    return Books(
        [sale, VISITOR],
        accepted=[Accepted("0001", 1200, "paid", at=100.0)],
        customers=["0001"],
        subscriptions=[("0001", "active")],
        invoices=[Money("0001", "paid", 1200)],
        charges=[Money("0001", "failed", 1200), Money("0001", "succeeded", 1200)],
        mails=[Told("0001", kind, f"id-{kind}") for kind in ALWAYS_MAILED],
        posts=[Told("0001", "accepted", "1", at=101.5), Told("0001", "paid", "2", at=103.0)],
        deals={
            "0001": {
                "propale_status": "accepted",
                "propale_payment_status": "paid",
                "dealstage": "closedwon",
            }
        },
    )


def found(books: Books) -> list[str]:
    return [f"{finding.fault}: {finding.what}" for finding in compare(books)]


def test_sound_books_have_no_findings() -> None:
    books = sound_books()

    assert found(books) == []
    assert (books.charged, books.told, books.slowest_told) == (1, 1, 1.5)


PLANTED: dict[str, tuple[Callable[[Books], object], list[str]]] = {
    "doubled charge": (
        lambda books: books.charges.append(Money("0001", "succeeded", 1200)),
        ["doubled: charge: 2 instead of 1"],
    ),
    "lost charge": (
        lambda books: books.charges.pop(),
        ["lost: charge"],
    ),
    "wrong amount charged": (
        lambda books: books.charges.__setitem__(1, Money("0001", "succeeded", 1201)),
        ["wrong: its charge is of 1201 cents instead of 1200"],
    ),
    "debit still pending": (
        lambda books: books.charges.__setitem__(1, Money("0001", "pending", 1200)),
        ["wrong: its charge is pending"],
    ),
    "doubled invoice": (
        lambda books: books.invoices.append(Money("0001", "draft", 1200)),
        ["doubled: invoice: 2 instead of 1", "wrong: its invoice is draft"],
    ),
    "doubled subscription": (
        lambda books: books.subscriptions.append(("0001", "incomplete")),
        ["doubled: subscription: 2 instead of 1", "wrong: its subscription is incomplete"],
    ),
    "doubled customer": (
        lambda books: books.customers.append("0001"),
        ["doubled: customer at Stripe: 2 instead of 1"],
    ),
    "lost mail": (
        lambda books: books.mails.pop(1),
        ["lost: mail: invoice_paid"],
    ),
    "mail written twice": (
        lambda books: books.mails.append(Told("0001", "rep_paid", "id-other")),
        ["doubled: mail: rep_paid: 2 instead of 1"],
    ),
    "mail repeated for no reason": (
        lambda books: books.mails.append(books.mails[0]),
        ["doubled: proposal_sent came again for no reason"],
    ),
    "needless mail": (
        lambda books: books.mails.append(Told("0001", "payment_failed", "id-needless")),
        ["wrong: a needless mail: payment_failed"],
    ),
    "mail to nobody in particular": (
        lambda books: books.mails.append(Told("", "HubSpot est à reconnecter", "id-owner")),
        ["wrong: a needless mail: HubSpot est à reconnecter"],
    ),
    "lost Slack message": (
        lambda books: books.posts.pop(0),
        ["lost: Slack: accepted"],
    ),
    "doubled Slack message": (
        lambda books: books.posts.append(Told("0001", "paid", "3")),
        ["doubled: Slack: paid: 2 instead of 1"],
    ),
    "deal behind": (
        lambda books: books.deals["0001"].update(dealstage="contractsent"),
        ["wrong: deal: dealstage is 'contractsent'"],
    ),
    "deal with a problem": (
        lambda books: books.deals["0001"].update(propale_problem="?"),
        ["wrong: deal: propale_problem is '?'"],
    ),
    "our row behind": (
        lambda books: books.accepted.__setitem__(0, Accepted("0001", 1200, "pending", 100.0)),
        ["wrong: our row says pending, 1200 instead of 1200"],
    ),
    "lost acceptance": (
        lambda books: books.accepted.clear(),
        [
            "lost: her acceptance",
            "wrong: a charge without an acceptance",
            "wrong: a subscription without an acceptance",
            "wrong: an invoice without an acceptance",
            "wrong: a Slack message without an acceptance",
        ],
    ),
    "charge of a visitor": (
        lambda books: books.charges.append(Money("0002", "succeeded", 5)),
        ["wrong: a charge without an acceptance"],
    ),
    "dead letter": (
        lambda books: books.letters.append(Letter("0001", "slack.paid", "dead", "why")),
        ["wrong: slack.paid is dead: why"],
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_planted_mistake_is_found(planted: str) -> None:
    books = sound_books()
    plant, wanted = PLANTED[planted]

    plant(books)

    assert found(books) == wanted


def test_declined_card_is_told_of() -> None:
    books = sound_books()
    books.sales = [replace(books.sales[0], way=("card_declined", "card_ok")), VISITOR]

    books.mails += [Told("0001", kind, f"id-{kind}") for kind in ("payment_failed", "rep_failed")]

    assert found(books) == []


def test_mail_in_doubt_may_come_twice_and_is_counted() -> None:
    books = sound_books()
    books.doubts[books.mails[0].id] = 1

    books.mails.append(books.mails[0])

    assert found(books) == []
    assert len(books.repeated_mails) == 1


def test_mail_that_comes_a_third_time_is_doubled() -> None:
    books = sound_books()
    books.doubts[books.mails[0].id] = 1

    books.mails += [books.mails[0]] * 2

    assert found(books) == ["doubled: proposal_sent arrived 3 times"]


def test_mail_twice_in_doubt_may_stay_a_dead_letter() -> None:
    books = sound_books()
    lost = books.mails.pop()

    books.letters.append(Letter("0001", f"email.{lost.kind}", "dead", mail=lost.id))
    books.doubts[lost.id] = 2
    books.deals["0001"]["propale_problem"] = "Un e-mail n'est pas parti."
    books.mails.append(Told("", "owner_differences", "id-owner"))

    assert found(books) == []


def test_sale_whose_link_a_person_has_to_send_may_have_no_end() -> None:
    waits = replace(SALE, key="0003")
    left = Books([waits], letters=[Letter("0003", "email.proposal_sent", "dead", mail="id")])

    once, twice = (replace(left, doubts=Counter({"id": number})) for number in (1, 2))

    assert once.unfinished == [waits]
    assert twice.unfinished == []
    assert replace(twice, sales=[replace(waits, link="http://seen")]).unfinished != []


def test_mail_once_in_doubt_may_not_stay_a_dead_letter() -> None:
    books = sound_books()
    books.letters.append(Letter("0001", "email.rep_paid", "dead", "why", mail="id-rep_paid"))

    books.doubts["id-rep_paid"] = 1

    assert found(books) == ["wrong: email.rep_paid is dead: why"]
