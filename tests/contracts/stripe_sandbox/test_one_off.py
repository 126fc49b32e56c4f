"""The one-off flow with the real SDK: invoice, one `add_lines`, finalize, pay; and its sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
import stripe

if TYPE_CHECKING:
    from tests.contracts.stripe_sandbox.seller import Seller


def test_one_off_invoice_is_added_finalized_and_paid(seller: Seller) -> None:
    customer, product, vat = seller.customer(), seller.product(), seller.vat()
    method = seller.method(customer.id)
    draft = seller.v1.invoices.create(
        {
            "customer": customer.id,
            "currency": "eur",
            "auto_advance": False,
            "default_payment_method": method.id,
            "pending_invoice_items_behavior": "exclude",
        }
    )
    data: Any = {"currency": "eur", "product": product, "unit_amount": 1005}

    filled = seller.v1.invoices.add_lines(
        draft.id, {"lines": [{"price_data": data, "quantity": 3, "tax_rates": [vat]}]}
    )
    final = seller.v1.invoices.finalize_invoice(draft.id, {"auto_advance": True})
    paid = seller.v1.invoices.pay(draft.id, {"off_session": False})

    assert (draft.status, draft.total, draft.hosted_invoice_url) == ("draft", 0, None)
    assert (filled.subtotal, filled.total, filled.amount_due) == (3015, 3618, 3618)
    assert (final.status, final.number is None) == ("open", False)
    assert (paid.status, paid.amount_paid) == ("paid", 3618)


@pytest.mark.parametrize(
    ("line", "expected"),  # currency, unit amount, quantity, percentage; net, tax
    [
        (("eur", "45000", 1, 20), (45000, 9000)),
        (("eur", "1005", 1, 5.5), (1005, 55)),  # 55.275
        (("eur", "10", 1, 5), (10, 1)),  # 0.5 goes up
        (("eur", "30", 1, 5), (30, 2)),  # 1.5 goes up, not to even
        (("eur", "50", 1, 5), (50, 3)),  # 2.5 goes up, not to even
        (("eur", "33.335", 100, 20), (3334, 667)),  # 3333.5, then 666.8
        (("jpy", "1250", 3, 10), (3750, 375)),
        (("jpy", "1255", 1, 10), (1255, 126)),  # 125.5
        (("kwd", "12345", 1, 5), (12345, 617)),  # 617.25
        (("gbp", "119999", 1, 20), (119999, 24000)),  # 23999.8
    ],
)
def test_line_and_tax_round_half_up(
    seller: Seller, line: tuple[str, str, int, float], expected: tuple[int, int]
) -> None:
    currency, unit, quantity, percentage = line
    customer, product, vat = seller.customer(), seller.product(), seller.vat(percentage)
    data: Any = {"currency": currency, "product": product, "unit_amount_decimal": unit}
    given: Any = {"price_data": data, "quantity": quantity, "tax_rates": [vat]}

    draft = seller.v1.invoices.create({"customer": customer.id, "currency": currency})
    filled = seller.v1.invoices.add_lines(draft.id, {"lines": [given]})

    assert (filled.subtotal, filled.total - filled.subtotal) == expected
    assert filled.total_taxes[0].amount == expected[1]


def test_inclusive_tax_is_taken_out_of_the_amount(seller: Seller) -> None:
    customer, vat = seller.customer(), seller.vat(20, inclusive=True)
    line: Any = {"amount": 12000, "description": "Salle", "tax_rates": [vat]}

    draft = seller.v1.invoices.create({"customer": customer.id, "currency": "eur"})
    filled = seller.v1.invoices.add_lines(draft.id, {"lines": [line]})

    assert (filled.total, filled.total_excluding_tax) == (12000, 10000)


def test_customer_credit_lowers_what_is_due(seller: Seller) -> None:
    customer = seller.customer()
    method = seller.method(customer.id)
    control = f"{seller.base}/control/customers/{customer.id}"
    requests.post(control, json={"balance": -3000}, timeout=5)

    invoice = seller.open_invoice(customer.id, method.id, 10000)
    paid = seller.v1.invoices.pay(invoice.id)

    assert (invoice.total, invoice.amount_due, invoice.starting_balance) == (10000, 7000, -3000)
    assert paid.amount_paid == 7000
    assert seller.v1.customers.retrieve(customer.id).balance == 0


@pytest.mark.parametrize(
    ("discount", "expected"), [({"percent_off": "10"}, 10800), ({"amount_off": 1000}, 10800)]
)
def test_customer_discount_lowers_net_and_tax(
    seller: Seller, discount: dict[str, Any], expected: int
) -> None:
    customer, vat = seller.customer(), seller.vat()
    requests.post(f"{seller.base}/control/customers/{customer.id}", json=discount, timeout=5)
    lines: Any = [
        {"amount": 4000, "description": "a", "tax_rates": [vat]},
        {"amount": 6000, "description": "b", "tax_rates": [vat]},
    ]

    draft = seller.v1.invoices.create({"customer": customer.id, "currency": "eur"})
    filled = seller.v1.invoices.add_lines(draft.id, {"lines": lines})

    assert (filled.subtotal, filled.total) == (10000, expected)
    assert filled.total_discount_amounts[0].amount == 1000


def test_less_than_the_least_charge_goes_to_the_balance(seller: Seller) -> None:
    customer = seller.customer()

    invoice = seller.open_invoice(customer.id, cents=49)

    assert (invoice.status, invoice.total, invoice.amount_due) == ("paid", 49, 0)
    assert (invoice.amount_paid, invoice.ending_balance) == (0, 49)
    assert seller.v1.customers.retrieve(customer.id).balance == 49


def test_void_invoice_can_not_be_paid(seller: Seller) -> None:
    customer = seller.customer()
    invoice = seller.open_invoice(customer.id)

    seller.v1.invoices.void_invoice(invoice.id)

    with pytest.raises(stripe.InvalidRequestError, match="only pay an open invoice"):
        seller.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})


def test_paid_out_of_band_needs_no_method(seller: Seller) -> None:
    invoice = seller.open_invoice(seller.customer().id)

    paid = seller.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})

    assert (paid.status, paid.amount_remaining) == ("paid", 0)


def test_invoice_shows_ten_lines_and_lists_all(seller: Seller) -> None:
    lines: Any = [{"amount": 100 + number, "description": "x"} for number in range(23)]
    draft = seller.v1.invoices.create({"customer": seller.customer().id, "currency": "eur"})

    filled = seller.v1.invoices.add_lines(draft.id, {"lines": lines})
    listed = list(seller.v1.invoices.line_items.list(draft.id).auto_paging_iter())

    assert (len(filled.lines.data), filled.lines.has_more) == (10, True)
    assert [line.amount for line in listed] == [100 + number for number in range(23)]


def test_advancing_invoice_is_charged_after_an_hour(seller: Seller) -> None:
    customer = seller.customer()
    method = seller.method(customer.id)
    invoice = seller.open_invoice(customer.id)
    seller.v1.invoices.update(invoice.id, {"default_payment_method": method.id})
    late = seller.v1.invoices.create(
        {"customer": customer.id, "currency": "eur", "default_payment_method": method.id}
    )
    line: Any = {"amount": 9900, "description": "x"}
    seller.v1.invoices.add_lines(late.id, {"lines": [line]})
    seller.v1.invoices.finalize_invoice(late.id, {"auto_advance": True})

    seller.wait(hours=1, minutes=1)

    assert seller.v1.invoices.retrieve(late.id).status == "paid"
    assert seller.v1.invoices.retrieve(invoice.id).status == "open"


def test_invoice_pdf_is_a_pdf(seller: Seller) -> None:
    invoice = seller.open_invoice(seller.customer().id)

    answer = requests.get(str(invoice.invoice_pdf), timeout=10)

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert len(answer.content) < 200_000


def test_sent_invoice_waits_for_the_customer(seller: Seller) -> None:
    customer = seller.customer().id
    draft = seller.v1.invoices.create(
        {"customer": customer, "collection_method": "send_invoice", "days_until_due": 30}
    )
    line: Any = {"amount": 9900, "description": "x"}
    seller.v1.invoices.add_lines(draft.id, {"lines": [line]})

    sent = seller.v1.invoices.send_invoice(draft.id)
    seller.wait(hours=2)
    requests.post(sent.hosted_invoice_url, data={"choice": "card_ok"}, timeout=5)

    assert (sent.status, sent.due_date - sent.created) == ("open", 30 * 24 * 3600)
    assert seller.v1.invoices.retrieve(draft.id).status == "paid"
    assert "invoice.sent" in seller.event_types()
