"""The first invoice decides whether a purchase is paid, whatever becomes of its renewals."""

from app.models import Purchase
from tests.support.house import House
from tests.workers.test_second_tries import choose, pay_on_hosted_page, steps


def bounced_and_renewed(house: House) -> Purchase:
    """The first debit came back, a month later so did the renewal's."""
    purchase = house.bought("5103", "sepa_bounces", "sepa_debit")
    house.pass_time(days=36)
    assert statuses(house) == ["open", "open"]
    return house.purchase(purchase.id)


def statuses(house: House) -> list[str]:
    return [invoice["status"] for invoice in house.stripe("invoice")]


def succeeded(house: House) -> list[int]:
    return [one["amount"] for one in house.stripe("charge") if one["status"] == "succeeded"]


def kinds(house: House) -> list[str]:
    return [message.kind for message in house.messages(status="done")]


def test_paid_renewal_leaves_the_first_invoice_to_be_paid(house: House) -> None:
    purchase = bounced_and_renewed(house)
    pay_on_hosted_page(house, "card_ok")
    house.settle()
    renewed = house.purchase(purchase.id)

    again = choose(house, purchase, "card", "card_ok")

    assert (renewed.status, renewed.first_paid_at) == ("failed", None)
    assert again.status == "paid"
    assert statuses(house) == ["paid", "paid"]
    assert succeeded(house) == [144_000, 162_000]
    assert (kinds(house).count("slack.paid"), kinds(house).count("email.invoice_paid")) == (1, 2)


def test_new_method_pays_the_first_invoice_and_no_renewal(house: House) -> None:
    purchase = bounced_and_renewed(house)

    again = choose(house, purchase, "card", "card_ok")

    new = house.stripe("payment_method")[-1]["id"]
    assert succeeded(house) == [162_000]
    assert statuses(house) == ["paid", "open"]
    assert house.stripe("subscription")[0]["default_payment_method"] == new
    assert [name for name in steps(house) if name.startswith("pay:")] == [f"pay:{new}"]
    assert again.status == "past_due"
    assert kinds(house).count("email.rep_renewal_failed") == 1
    assert again.hosted_invoice_url == house.stripe("invoice")[1]["hosted_invoice_url"]


def test_renewal_unheard_of_takes_not_the_first_invoices_place(house: House) -> None:
    """She enters her card after the renewal was made, of which we have not heard yet."""
    purchase = house.bought("5103", "sepa_bounces", "sepa_debit")
    house.pass_time(days=6)
    house.hears = False
    house.pass_time(days=24, hours=12)

    house.pay_again(purchase)

    assert house.purchase(purchase.id).status == "paid"
    assert statuses(house) == ["paid", "open"]
    assert succeeded(house) == [162_000]
    assert len(house.stripe("subscription")) == 1
