"""Subscriptions: create with the first invoice, read, change, cancel.

https://docs.stripe.com/api/subscriptions; flexible billing mode, one interval, no trials.
"""

from __future__ import annotations

from sandbox.stripe.balances import bind_to
from sandbox.stripe.books import Books, Params, Record, blank, listing, new_id
from sandbox.stripe.calls import call, list_call
from sandbox.stripe.events import emit, emit_change
from sandbox.stripe.metadata import merged
from sandbox.stripe.paging import matching
from sandbox.stripe.periods import period_at
from sandbox.stripe.products import inline_price, plan_of
from sandbox.stripe.subscription_billing import bill_first

_ITEM = "price price_data quantity tax_rates metadata"
_PLAYED = " ".join(
    [
        "customer default_payment_method off_session description default_tax_rates currency",
        "payment_behavior billing_mode.type collection_method cancel_at_period_end",
        "proration_behavior payment_settings.save_default_payment_method",
        *(f"items.{name}" for name in _ITEM.split()),
        *(f"add_invoice_items.{name}" for name in _ITEM.split()),
    ]
)
ENDED = {"canceled", "incomplete_expired"}
_UPDATED = "default_payment_method description cancel_at_period_end off_session proration_behavior"


@call("POST /v1/subscriptions", "subscription", plays=_PLAYED)
def create(books: Books, params: Params) -> Record:
    customer = books.get("customer", params["customer"])
    prices = [_price(books, given) for given in params["items"]]
    subscription = _new(books, params, customer, prices[0])
    items = [
        _item(books, subscription, given, price)
        for given, price in zip(params["items"], prices, strict=True)
    ]
    subscription["items"] = listing(
        items, f"/v1/subscription_items?subscription={subscription['id']}"
    )
    books.save(subscription)
    bind_to(books, customer, subscription["currency"])
    key = subscription["id"]
    books.table("unannounced")[key] = {"id": key}
    bill_first(books, subscription, params)
    del books.table("unannounced")[key]
    subscription = books.get("subscription", key)
    emit(books, "customer.subscription.created", subscription)
    return subscription


@list_call("GET /v1/subscriptions", "subscription", plays="customer status created price")
def listed(books: Books, params: Params) -> list[Record]:
    found = matching(books.rows("subscription"), params, "customer", "collection_method")
    status = params.get("status")
    if status is None:
        return [one for one in found if one["status"] not in ENDED]
    wanted = {"ended": ENDED}.get(status, {status})
    return [one for one in found if status == "all" or one["status"] in wanted]


@call("GET /v1/subscriptions/{subscription_exposed_id}", "subscription")
def retrieve(books: Books, params: Params, subscription: str) -> Record:  # noqa: ARG001
    return books.get("subscription", subscription)


@call("POST /v1/subscriptions/{subscription_exposed_id}", "subscription", plays=_UPDATED)
def update(books: Books, params: Params, key: str) -> Record:
    before, subscription = books.get("subscription", key), books.get("subscription", key)
    for name in ("default_payment_method", "description"):
        if name in params:
            subscription[name] = params[name] or None
    if "cancel_at_period_end" in params:
        _plan_end(books, subscription, at_end=params["cancel_at_period_end"])
    subscription["metadata"] = merged(subscription["metadata"], params.get("metadata"))
    books.save(subscription)
    emit_change(books, "customer.subscription.updated", before, subscription)
    return subscription


@call(
    "DELETE /v1/subscriptions/{subscription_exposed_id}",
    "subscription",
    plays="cancellation_details",
)
def cancel(books: Books, params: Params, key: str) -> Record:
    subscription = books.get("subscription", key)
    subscription["cancellation_details"].update(params.get("cancellation_details", {}))
    return end(books, subscription, "canceled")


def end(books: Books, subscription: Record, status: str) -> Record:
    """End a subscription now: `canceled`, or `incomplete_expired` for one that never started."""
    before, now = dict(subscription), books.now()
    subscription.update(status=status, ended_at=now)
    if status == "canceled":
        subscription["canceled_at"] = subscription["canceled_at"] or now
        books.save(subscription)
        emit(books, "customer.subscription.deleted", subscription)
    else:
        books.save(subscription)
        emit_change(books, "customer.subscription.updated", before, subscription)
    return subscription


def _plan_end(books: Books, subscription: Record, *, at_end: bool) -> None:
    period_end = subscription["items"]["data"][0]["current_period_end"]
    subscription.update(
        cancel_at_period_end=at_end,
        cancel_at=period_end if at_end else None,
        canceled_at=books.now() if at_end else None,
    )


def _price(books: Books, given: Params) -> Record:
    if "price" in given:
        return books.get("price", given["price"], param="items[0][price]", status=400)
    return books.save(inline_price(books, given["price_data"]))


def _new(books: Books, params: Params, customer: Record, price: Record) -> Record:
    now = books.now()
    return {
        **blank("subscription"),
        "id": new_id("sub_1"),
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": now,
        },
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": now,
        "currency": price["currency"],
        "customer": customer["id"],
        "default_payment_method": params.get("default_payment_method"),
        "default_tax_rates": [
            books.get("tax_rate", key) for key in params.get("default_tax_rates") or []
        ],
        "description": params.get("description"),
        "discounts": [],
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "metadata": merged({}, params.get("metadata")),
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
            **params.get("payment_settings", {}),
        },
        "start_date": now,
        "status": "incomplete",
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    }


def _item(books: Books, subscription: Record, given: Params, price: Record) -> Record:
    every = price["recurring"]
    start, end_of = period_at(
        subscription["billing_cycle_anchor"],
        every["interval"],
        every["interval_count"],
        books.now(),
    )
    return {
        **blank("subscription_item"),
        "id": new_id("si_", 14),
        "created": books.now(),
        "current_period_end": end_of,
        "current_period_start": start,
        "discounts": [],
        "metadata": merged({}, given.get("metadata")),
        "plan": plan_of(price),
        "price": price,
        "quantity": given.get("quantity", 1),
        "subscription": subscription["id"],
        "tax_rates": [books.get("tax_rate", key) for key in given.get("tax_rates") or []],
    }
