"""The payment methods we offer, in the order in which a customer sees them."""

from collections.abc import Collection

CARD, SEPA_DEBIT = "card", "sepa_debit"
METHODS = (CARD, SEPA_DEBIT)


def methods_for(
    currency: str, switched_on: Collection[str], chosen: Collection[str] = METHODS
) -> list[str]:
    """Those the seller chose, switched on in Stripe, for this currency: a SEPA debit is in euros.

    https://docs.stripe.com/payments/sepa-debit
    """
    taken = METHODS if currency == "EUR" else (CARD,)
    return [method for method in taken if method in switched_on and method in chosen]
