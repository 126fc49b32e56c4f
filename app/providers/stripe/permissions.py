"""What a restricted key must be allowed, derived from the calls that the product makes.

https://docs.stripe.com/keys/restricted-api-keys: a permission is a resource with read or write,
write takes read in; GET needs read, everything else write; an expanded object is read.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

# An id that no account knows. Stripe looks at the permission first and then for the object, so a
# key that may do it gets `resource_missing`, and nothing is changed.
NOBODY = "propale_permission_check"


@dataclass(frozen=True, slots=True)
class Permission:
    """`name` is Stripe's own (`customer_write`), `row` the line of its form for restricted keys.

    `calls` are those of ours that need it, for their own object or for one they expand. `probe` is
    the harmless call that tells whether a key has it. Without one that is not `essential` money
    still flows.
    """

    name: str
    row: str
    calls: tuple[str, ...]
    probe: tuple[str, str]
    essential: bool = True

    @property
    def writes(self) -> bool:
        return self.name.endswith("_write")


PERMISSIONS = (
    Permission("accounts_kyc_basic_read", "Accounts", ("GET /v1/account",), ("get", "/v1/account")),
    Permission(
        "checkout_session_write",
        "Checkout Sessions",
        (
            "GET /v1/checkout/sessions",
            "GET /v1/checkout/sessions/{session}",
            "POST /v1/checkout/sessions",
            "POST /v1/checkout/sessions/{session}/expire",
        ),
        ("post", f"/v1/checkout/sessions/{NOBODY}/expire"),
    ),
    Permission(
        "customer_write",
        "Customers",
        ("GET /v1/customers", "GET /v1/customers/{customer}", "POST /v1/customers"),
        ("post", f"/v1/customers/{NOBODY}"),
    ),
    Permission(
        "event_read",
        "Events",
        ("GET /v1/events",),
        ("get", f"/v1/events/{NOBODY}"),
        essential=False,  # only the nightly reconciliation reads them
    ),
    Permission(
        "invoice_write",
        "Invoices",
        (
            "DELETE /v1/invoices/{invoice}",
            "GET /v1/invoices",
            "GET /v1/invoices/{invoice}",
            "GET /v1/invoices/{invoice}/lines",
            "POST /v1/invoices",
            "POST /v1/invoices/create_preview",
            "POST /v1/invoices/{invoice}/add_lines",
            "POST /v1/invoices/{invoice}/finalize",
            "POST /v1/invoices/{invoice}/pay",
            "POST /v1/invoices/{invoice}/void",
            "GET /v1/subscriptions/{subscription_exposed_id}",
            "POST /v1/subscriptions",
        ),
        ("post", f"/v1/invoices/{NOBODY}"),
    ),
    Permission(
        "payment_intent_read",
        "Payment Intents",
        (
            "GET /v1/invoices/{invoice}",
            "POST /v1/invoices/{invoice}/finalize",
            "POST /v1/invoices/{invoice}/pay",
        ),
        ("get", f"/v1/payment_intents/{NOBODY}"),
    ),
    Permission(
        "payment_method_read",
        "Payment Methods",
        ("GET /v1/payment_methods/{payment_method}",),
        ("get", f"/v1/payment_methods/{NOBODY}"),
        essential=False,  # what she paid with at Stripe's own page then stays unknown
    ),
    Permission(
        "payment_method_configuration_read",
        "Payment Method Configurations",
        ("GET /v1/payment_method_configurations",),
        ("get", "/v1/payment_method_configurations"),
    ),
    Permission(
        "product_write", "Products", ("POST /v1/products",), ("post", f"/v1/products/{NOBODY}")
    ),
    Permission(
        "setup_intent_read",
        "Setup Intents",
        ("GET /v1/checkout/sessions/{session}",),
        ("get", f"/v1/setup_intents/{NOBODY}"),
    ),
    Permission(
        "subscription_write",
        "Subscriptions",
        (
            "DELETE /v1/subscriptions/{subscription_exposed_id}",
            "GET /v1/subscriptions",
            "GET /v1/subscriptions/{subscription_exposed_id}",
            "POST /v1/subscriptions",
            "POST /v1/subscriptions/{subscription_exposed_id}",
        ),
        ("post", f"/v1/subscriptions/{NOBODY}"),
    ),
    Permission(
        "tax_rate_write", "Tax Rates", ("POST /v1/tax_rates",), ("post", f"/v1/tax_rates/{NOBODY}")
    ),
    Permission(
        "webhook_write",
        "Webhook Endpoints",
        (
            "DELETE /v1/webhook_endpoints/{webhook_endpoint}",
            "GET /v1/webhook_endpoints",
            "POST /v1/webhook_endpoints",
            "POST /v1/webhook_endpoints/{webhook_endpoint}",
        ),
        ("post", f"/v1/webhook_endpoints/{NOBODY}"),
    ),
)
BY_NAME = {permission.name: permission for permission in PERMISSIONS}
ESSENTIAL = frozenset(permission.name for permission in PERMISSIONS if permission.essential)


def create_key_page(app_base: str, *, livemode: bool) -> str:
    """Stripe's form for a new restricted key, with our permissions already ticked.

    The form reads `name` and `permissions[0]`...; one it does not know stays unticked, so the
    list is shown beside the link. https://docs.stripe.com/keys/restricted-api-keys
    """
    ticked = {f"permissions[{n}]": f"rak_{p.name}" for n, p in enumerate(PERMISSIONS)}
    base = app_base if livemode else f"{app_base}/test"
    return f"{base}/apikeys/create?{urlencode({'name': 'Propale', **ticked})}"
