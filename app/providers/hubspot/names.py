"""HubSpot's names of the properties we read, and which of them we do not bill yet."""

from collections.abc import Mapping

DEAL_PROPERTIES = (
    "dealname",
    "amount",
    "deal_currency_code",
    "hubspot_owner_id",
    "pipeline",
)
CONTACT_PROPERTIES = ("firstname", "lastname", "email")
COMPANY_PROPERTIES = (
    "name",
    "address",
    "address2",
    "zip",
    "city",
    "country",
    "hs_country_code",
    "vat_number",
    "siren",
)
# Properties that change what a line costs or when, with the values that change nothing.
UNSUPPORTED: Mapping[str, frozenset[str]] = {
    "hs_recurring_billing_period": frozenset(),
    "hs_recurring_billing_start_date": frozenset(),
    "hs_recurring_billing_end_date": frozenset(),
    "hs_billing_start_delay_days": frozenset({"0"}),
    "hs_billing_start_delay_months": frozenset({"0"}),
    "hs_pricing_model": frozenset({"flat"}),
    "hs_tier_ranges": frozenset({"[]"}),
    "hs_tier_prices": frozenset({"[]"}),
    "hs_allow_buyer_selected_quantity": frozenset({"false"}),
}
LINE_PROPERTIES = (
    "name",
    "description",
    "hs_product_id",
    "price",
    "quantity",
    "hs_line_item_currency_code",
    "recurringbillingfrequency",
    "discount",
    "hs_discount_percentage",
    "hs_tax_rate_group_id",
    "amount",
    "hs_position_on_quote",
    *UNSUPPORTED,
)
