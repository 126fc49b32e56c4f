"""The judge of crashes can find guilty: each planted wrong is named, each excuse is bounded."""

from __future__ import annotations

import copy
from collections import Counter

import pytest

from tests.faults.final_books import Books
from tests.faults.judging import excuse, excuse_seen, judge

ENDED: Books = {
    "charge": Counter(["succeeded 54000"]),
    "invoice": Counter(["paid 54000"]),
    "Purchase": Counter(["paid card"]),
    "mails": Counter(["rep: paid", "customer: invoice"]),
    "posts": Counter(["accepted", "paid"]),
    "facts": Counter(["email.rep_paid done", "email.invoice_paid done", "slack.paid done"]),
    "DealProblem": Counter(),
    "deals": Counter(["5101 problem="]),
    "open": Counter(),
    "bugs": Counter(),
    "dead": Counter(),
}
NONE: Books = {
    **{name: Counter() for name in ("customer", "subscription", "PaidInvoice")},
    **{name: Counter() for name in ("Acceptance", "StageFact", "Connection")},
}


def wanted() -> Books:
    return copy.deepcopy(ENDED | NONE)


def with_dead(kind: str, *lost: tuple[str, str]) -> Books:
    """An end with one dead letter that is seen, and what did not arrive because of it."""
    got = wanted()
    got["dead"][kind] += 1
    got["DealProblem"][f"{kind} ..."] += 1
    got["deals"] = Counter(["5101 problem=..."])
    got["facts"] -= Counter([f"{kind} done"])
    got["facts"][f"{kind} dead"] += 1
    for name, line in lost:
        got[name] -= Counter([line])
    return got


def test_same_books_are_right() -> None:
    assert judge(wanted(), wanted()) == []


@pytest.mark.parametrize("arrived", [True, False])
def test_dead_letter_stands_for_its_own_mail(arrived: bool) -> None:
    lost = () if arrived else (("mails", "rep: paid"),)

    assert judge(with_dead("email.rep_paid", *lost), wanted()) == []


@pytest.mark.parametrize(
    ("name", "line", "number"),
    [
        ("charge", "succeeded 54000", 2),
        ("charge", "succeeded 54000", 0),
        ("invoice", "paid 54000", 2),
        ("Purchase", "paid card", 0),
        ("mails", "customer: invoice", 3),
        ("posts", "paid", 0),
        ("facts", "slack.paid done", 0),
        ("Acceptance", "1 card", 2),
        ("open", "hubspot.sync_deal pending", 1),
        ("bugs", "email.rep_paid: KeyError", 1),
    ],
)
def test_dead_mail_excuses_nothing_else(name: str, line: str, number: int) -> None:
    got = with_dead("email.rep_paid", ("mails", "rep: paid"))
    got[name] = got[name] - Counter({line: 99}) + Counter({line: number})

    assert judge(got, wanted()) != []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("charge", "succeeded 54000"),
        ("invoice", "open 54000"),
        ("mails", "customer: invoice"),
        ("bugs", "stripe.start_billing: KeyError"),
    ],
)
def test_dead_letter_of_money_excuses_no_double(name: str, line: str) -> None:
    got = with_dead("stripe.start_billing", ("mails", "rep: paid"), ("posts", "paid"))
    assert judge(copy.deepcopy(got), wanted()) == []
    got[name][line] += 2

    assert judge(got, wanted()) != []


@pytest.mark.parametrize(("arrived", "excused"), [(1, 0), (2, 1), (3, 0)])
def test_no_more_is_excused_than_is_allowed(arrived: int, excused: int) -> None:
    got = wanted()
    got["mails"]["rep: paid"] = arrived

    assert excuse(got, wanted(), "mails", 1) == excused


def told_owner(got: Books, times: int) -> Books:
    got["facts"]["email.owner_differences done"] += times
    got["mails"]["owner: À regarder dans Stripe ou HubSpot\u00a0: 1"] += times
    return got


@pytest.mark.parametrize(("times", "right"), [(0, True), (1, True), (2, False)])
def test_owner_is_told_of_a_dead_letter_once(times: int, right: bool) -> None:
    got = told_owner(with_dead("email.rep_paid", ("mails", "rep: paid")), times)

    excuse_seen(got, wanted())

    assert (judge(got, wanted()) == []) is right


def test_owner_is_told_of_nothing_without_a_dead_letter() -> None:
    got = told_owner(wanted(), 1)

    excuse_seen(got, wanted())

    assert judge(got, wanted()) != []


@pytest.mark.parametrize(("waiting", "more", "right"), [(2, 1, True), (2, 2, False), (0, 1, False)])
def test_push_of_a_dead_letter_waits_where_pushes_wait(
    waiting: int, more: int, right: bool
) -> None:
    locked_out = wanted()
    locked_out["open"]["hubspot.sync_deal pending"] = waiting
    got = with_dead("email.rep_paid", ("mails", "rep: paid"))
    got["open"]["hubspot.sync_deal pending"] = waiting + more

    excuse_seen(got, locked_out)

    assert (judge(got, locked_out) == []) is right


@pytest.mark.parametrize("status", ["written", "sending"])
def test_stage_of_a_dead_push_is_one_fact_however_far_it_came(status: str) -> None:
    planned = wanted()
    planned["StageFact"]["accepted closedwon written"] = 1
    got = with_dead("hubspot.sync_deal")
    got["StageFact"][f"accepted closedwon {status}"] = 1
    assert judge(copy.deepcopy(got), planned) == []
    got["StageFact"]["accepted closedwon written"] += 1

    assert judge(got, planned) != []


def test_dead_letter_of_money_excuses_no_stage_that_hangs() -> None:
    planned = wanted()
    planned["StageFact"]["accepted closedwon written"] = 1
    got = with_dead("stripe.start_billing")
    got["StageFact"]["accepted closedwon sending"] = 1

    assert judge(got, planned) == ["+StageFact: accepted closedwon sending"]


def test_owner_who_was_told_has_the_mail() -> None:
    got = with_dead("email.rep_paid", ("mails", "rep: paid"))
    got["facts"]["email.owner_differences done"] += 1

    excuse_seen(got, wanted())

    assert judge(got, wanted()) != []
