"""The payment methods we offer, in the order in which a customer sees them."""

from collections.abc import Collection

CARD, SEPA_DEBIT = "card", "sepa_debit"
METHODS = (CARD, SEPA_DEBIT)


def methods_for(currency: str, switched_on: Collection[str]) -> list[str]:
    """Those that are switched on in Stripe and take this currency: a SEPA debit takes euros only.

    https://docs.stripe.com/payments/sepa-debit
    """
    taken = METHODS if currency == "EUR" else (CARD,)
    return [method for method in taken if method in switched_on]
