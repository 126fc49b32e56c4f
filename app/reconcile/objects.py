"""Stripe's objects beside our rows: what each says that the other does not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.billing.ladder import METHOD_OPEN, MoneyStatus, after_invoice, may_follow
from app.billing.outcomes import WORTHLESS, is_first
from app.models import Purchase
from app.providers.stripe.answers import InvoiceState, Listed
from app.reconcile.differences import Difference, Kind
from app.reconcile.repairs import ReadAgain

# https://docs.stripe.com/api/subscriptions/object: it charges, or would when its customer pays.
LIVING = frozenset({"active", "trialing", "past_due", "unpaid", "paused"})
# While we say so, an open invoice may mean something else: its payment must be read.
UNSURE = frozenset({MoneyStatus.PENDING, MoneyStatus.ACTION_NEEDED, MoneyStatus.PAID})

# So long after its page was opened, a method may be charged without asking the customer again.
METHOD_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ours:
    """What our rows say of one page of Stripe's objects.

    `now` is business time; `purchases` by Stripe's object id; `busy` are those a message is about
    to read or change; `paid` the invoices we know to be paid; `customers` our buyer's mark -> the
    customer we use; `elsewhere`: purchases of another account on this installation, by their name
    in the metadata.
    """

    livemode: bool
    now: datetime
    purchases: Mapping[str, Purchase]
    busy: frozenset[str] = frozenset()
    paid: frozenset[str] = frozenset()
    customers: Mapping[str, str] | None = None
    elsewhere: frozenset[str] = frozenset()


def compare(found: Listed, ours: Ours) -> Difference | None:
    """One object of a list that carries our mark, or none of our business."""
    if not _is_ours(found, ours):
        return None
    if found.livemode is not ours.livemode:
        return _difference(Kind.WRONG_MODE, found)
    if found.kind == "customer":
        return _customer(found, ours)
    purchase = ours.purchases.get(found.id)
    if purchase is None:
        return _without_purchase(found, ours)
    if purchase.public_id in ours.busy:
        return None
    return COMPARED[found.kind](found, purchase, ours)


def _is_ours(found: Listed, ours: Ours) -> bool:
    return found.id in ours.purchases or bool(
        {"propale_purchase", "propale_buyer"} & found.metadata.keys()
    )


def needs_closer_look(found: Listed, ours: Ours) -> bool:
    """Whether only the invoice's payment, which lists do not show, says how things stand."""
    purchase = ours.purchases.get(found.id)
    if found.kind != "invoice" or found.status != "open" or purchase is None:
        return False
    unsure = purchase.status in UNSURE and purchase.public_id not in ours.busy
    return unsure and not _is_overtaken(found, purchase)


def _is_overtaken(found: Listed, purchase: Purchase) -> bool:
    """Whether another invoice says how the money stands."""
    if purchase.first_paid_at is None and purchase.stripe_invoice_id:
        return found.id != purchase.stripe_invoice_id
    newest_at = purchase.newest_invoice_at
    return newest_at is not None and found.created_at < newest_at


def compare_closely(invoice: InvoiceState, purchase: Purchase) -> Difference | None:
    """An open invoice read with its payment."""
    if invoice.untried:
        return None
    status = after_invoice(
        invoice.status,
        invoice.payment_status,
        needs_person=invoice.needs_person,
        first=is_first(purchase, invoice),
    )
    if status is None or not may_follow(purchase.status, status):
        return None
    said = f"{invoice.status}, {invoice.payment_status}"
    return _behind("invoice", invoice.id, said, purchase, invoice.metadata)


def _customer(found: Listed, ours: Ours) -> Difference | None:
    used = (ours.customers or {}).get(found.metadata.get("propale_buyer", ""))
    if not used or used == found.id:
        return None
    return _difference(Kind.DOUBLED_CUSTOMER, found, used=used)


def _without_purchase(found: Listed, ours: Ours) -> Difference | None:
    """It names a purchase that we do not have: money moves that no row of ours knows of."""
    name = found.metadata.get("propale_purchase", "")
    moves = found.status == "paid" if found.kind == "invoice" else found.status in LIVING
    if found.kind == "checkout.session" or not moves or name in ours.elsewhere:
        return None
    return _difference(Kind.PURCHASE_UNKNOWN, found, purchase=name)


def _invoice(found: Listed, purchase: Purchase, ours: Ours) -> Difference | None:
    if found.status == "paid" and found.id not in ours.paid:
        repair = _read("invoice", found.id, "paid", purchase)
        return _difference(Kind.INVOICE_UNKNOWN, found, repair)
    if found.status == "paid" and _is_paid_by_another(found, purchase):
        return _difference(Kind.DOUBLED_PAYMENT, found, used=purchase.stripe_invoice_id)
    unpaid_first = found.id == purchase.stripe_invoice_id and purchase.first_paid_at is None
    if found.status in WORTHLESS and unpaid_first and _may_fail(purchase):
        return _behind(found.kind, found.id, found.status, purchase, found.metadata)
    return None


def _is_paid_by_another(found: Listed, purchase: Purchase) -> bool:
    """Only a subscription has several invoices to pay."""
    once = purchase.stripe_subscription_id is None and purchase.first_paid_at is not None
    return once and purchase.stripe_invoice_id not in (None, found.id)


def _subscription(found: Listed, purchase: Purchase, _ours: Ours) -> Difference | None:
    used = purchase.stripe_subscription_id
    if used not in (None, found.id):
        if found.status in LIVING:
            return _difference(Kind.DOUBLED_SUBSCRIPTION, found, used=used)
        return None
    ended = used and (
        (found.status == "canceled" and may_follow(purchase.status, MoneyStatus.CANCELLED))
        or (found.status == "incomplete_expired" and _may_fail(purchase))
    )
    unknown = used is None and (found.status in LIVING or found.status == "incomplete")
    if not (ended or unknown):
        return None
    return _behind(found.kind, found.id, found.status, purchase, found.metadata)


def _may_fail(purchase: Purchase) -> bool:
    return may_follow(purchase.status, MoneyStatus.FAILED)


def _session(found: Listed, purchase: Purchase, ours: Ours) -> Difference | None:
    """A method was entered, and nobody has charged it; an old one only a person may."""
    newest = found.id == purchase.stripe_session_id and found.id not in purchase.billed_pages
    if found.status != "complete" or not newest or purchase.status not in METHOD_OPEN:
        return None
    if is_old_method(found.created_at, ours.now):
        return _difference(Kind.METHOD_OLD, found, since=f"{found.created_at:%Y-%m-%d}")
    repair = _read(found.kind, found.id, found.status, purchase)
    return _difference(Kind.METHOD_UNBILLED, found, repair)


def is_old_method(page_opened_at: datetime, now: datetime) -> bool:
    """Whether the customer no longer expects that the method she entered there is charged."""
    return page_opened_at < now - METHOD_LIFE


COMPARED = {"invoice": _invoice, "subscription": _subscription, "checkout.session": _session}


def _behind(
    kind: str, object_id: str, said: str, purchase: Purchase, metadata: Mapping[str, str]
) -> Difference:
    number = metadata.get("propale_number", "")
    values = {"number": number, "stripe": said, "ours": str(purchase.status)}
    repair = _read(kind, object_id, said, purchase)
    return Difference(Kind.PURCHASE_BEHIND, object_id, values, repair)


def _difference(
    kind: Kind, found: Listed, repair: ReadAgain | None = None, **values: object
) -> Difference:
    number = found.metadata.get("propale_number", "")
    return Difference(kind, found.id, {"number": number, **values}, repair)


def _read(kind: str, object_id: str, said: str, purchase: Purchase) -> ReadAgain:
    return ReadAgain(
        purchase.tenant_id, purchase.public_id, kind, object_id, f"{said}:{purchase.status}"
    )
