"""Stripe as the product uses it: one object per tenant's key."""

from app.providers.stripe.account_calls import AccountCalls
from app.providers.stripe.customer_calls import CustomerCalls
from app.providers.stripe.endpoint_calls import EndpointCalls
from app.providers.stripe.list_calls import ListCalls
from app.providers.stripe.setup_calls import SetupCalls
from app.providers.stripe.subscription_calls import SubscriptionCalls


class StripeBilling(
    AccountCalls, CustomerCalls, EndpointCalls, ListCalls, SetupCalls, SubscriptionCalls
):
    """Every call of one account: `StripeBilling(api_key, api_base)`.

    Answers are plain data, every write takes an operation key (Stripe's Idempotency-Key), every
    failure is a ProviderError. Calls from acceptance to first invoice: a subscription takes
    create_setup_session, retrieve_session, preview, create_subscription (1 or 2); an invoice takes
    create_setup_session, retrieve_session, create_invoice, add_lines, finalize_invoice,
    pay_invoice (1 or 2).
    """
