"""Customer credit, discounts and older balances: mail and receipt say what was received."""

import pytest

from app.billing.outcomes import apply_invoice
from app.models import PaidInvoice, Purchase
from sandbox.stripe import discounts
from tests.support.house import House
from tests.values import NOON, make_invoice_state, plain
from tests.workers.test_second_tries import path_of

CUSTOMER = "jeanne@atelier-martin.example"


def give(house: House, purchase: Purchase, balance: int) -> None:
    """A negative balance is credit, as in Stripe."""
    customer = house.books().get("customer", purchase.stripe_customer_id)
    house.books().save({**customer, "balance": balance})


def renew(house: House) -> str:
    """What the newest mail says after a month."""
    house.pass_time(days=32)
    return plain(house.mails(CUSTOMER)[-1]["text"])


def figures(house: House) -> dict[str, int]:
    newest = house.read(lambda session: session.query(PaidInvoice).all())[-1].content
    return {name: newest[f"{name}_minor"] for name in ("total", "paid", "tax", "discount")}


@pytest.mark.parametrize(
    ("balance", "paid", "words"),
    [
        (0, 54_000, "Nous avons bien reçu 540,00 EUR."),
        (
            -10_000,
            44_000,
            "reçu 440,00 EUR ; votre crédit a payé le reste de 540,00 EUR.",
        ),
        (-60_000, 0, "La facture de 540,00 EUR est réglée : rien n’a été débité."),
        (1_000, 55_000, "Nous avons bien reçu 550,00 EUR : 540,00 EUR pour cette facture"),
    ],
)
def test_renewal_is_told_by_what_was_received(
    house: House, balance: int, paid: int, words: str
) -> None:
    purchase = house.bought("5101")
    give(house, purchase, balance)

    said = renew(house)

    assert words in said
    assert figures(house) == {"total": 54_000, "paid": paid, "tax": 9_000, "discount": 0}
    assert house.purchase(purchase.id).status == "paid"
    assert house.open_errors() == []


def test_renewal_with_a_coupon_has_stripes_own_tax(house: House) -> None:
    purchase = house.bought("5101")
    discounts.give(house.books(), purchase.stripe_customer_id, percent_off="10")

    renew(house)

    assert figures(house) == {"total": 48_600, "paid": 48_600, "tax": 8_100, "discount": 4_500}
    assert house.open_errors() == []


def test_first_payment_is_told_to_the_rep_with_its_sum(house: House) -> None:
    house.bought("5102")

    assert "Le premier paiement de 797,46 EUR est arrivé." in plain(
        house.mails("dana@maison.example")[-1]["text"]
    )


@pytest.mark.parametrize(("paid", "by_credit"), [(0, True), (54_000, False)])
def test_team_and_customer_read_whether_credit_settled_it(
    house: House, *, paid: int, by_credit: bool
) -> None:
    """Credit given in the instant between our last look and Stripe's finalizing."""
    purchase = house.accepted("5101")
    settled = make_invoice_state(paid=True, amount_paid_minor=paid)
    with house.runtime.database.writing(house.tenant_id) as session:
        apply_invoice(session, session.get_one(Purchase, purchase.id), settled, NOON)
    house.settle()

    page = house.app.test_client().get(path_of(house, purchase)).text
    assert ("crédit a réglé" in house.posts()[-1]["text"]) == by_credit
    assert ("Votre crédit l’a réglée" in page) == by_credit
    assert ("votre paiement est reçu" in page) == (not by_credit)
