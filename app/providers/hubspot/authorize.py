"""The scopes we ask for and the address that asks; loads no SDK."""

from urllib.parse import quote, urlencode

# The same list as `requiredScopes` in the HubSpot project: another list blocks the install.
SCOPES = (
    "oauth",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.schemas.deals.read",
    "crm.schemas.deals.write",
    "crm.objects.contacts.read",
    "crm.objects.companies.read",
    "crm.objects.line_items.read",
    "crm.objects.owners.read",
    "tax_rates.read",
)


def authorize_url(app_base: str, client_id: str, redirect_uri: str, state: str) -> str:
    """The page where an admin grants our scopes; spaces go as %20, as HubSpot's clients send them.

    https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth
    """
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
    }
    return f"{app_base.rstrip('/')}/oauth/authorize?{urlencode(query, quote_via=quote)}"
