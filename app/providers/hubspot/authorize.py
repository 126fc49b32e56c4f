"""The scopes we ask for and the address that asks; loads no SDK."""

import base64
import hashlib
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

# The codes by which HubSpot refuses our client id or secret itself.
# https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens
CLIENT_REFUSED = frozenset({"invalid_client", "BAD_CLIENT_ID", "BAD_CLIENT_SECRET"})


def authorize_url(
    app_base: str, client_id: str, redirect_uri: str, state: str, verifier: str
) -> str:
    """The page where an admin grants our scopes; spaces go as %20, as HubSpot's clients send them.

    `verifier` stays with the browser, its challenge goes along (PKCE, RFC 7636).
    https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth
    """
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    return f"{app_base.rstrip('/')}/oauth/authorize?{urlencode(query, quote_via=quote)}"


def code_challenge(verifier: str) -> str:
    """What a verifier is known by: https://www.rfc-editor.org/rfc/rfc7636#section-4.2 (S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
