"""The two sellers of the sandbox, and what the first one prefers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """What one seller is at each vendor of the sandbox."""

    portal: int
    user: int
    stripe: str
    stripe_key: str
    slack_token: str
    team: str


FIRST = Account(
    148111, 7001, "acct_sandbox0001", "rk_test_sandbox0001", "xoxb-sandbox-token", "T0SANDBOX"
)
OTHER = Account(
    148222, 7002, "acct_sandbox0002", "rk_test_sandbox0002", "xoxb-sandbox-token-2", "T0AUTRE"
)
# What he typed on the preferences page, by section.
PREFERENCES = {
    "seller": {
        "seller_name": "Maison du Sandbox",
        "legal_form": "SAS",
        "seller_address": "10 rue de la Paix\n75002 Paris",
        "siren": "901 234 567",
        "vat_number": "FR15901234567",
    },
    "offers": {
        "language": "fr",
        "time_zone": "",
        "currency": "",
        "validity_days": "30",
        "billing_label": "Facturation",
    },
    "look": {"colour": "#14483d"},
    "methods": {"method_card": "on", "method_sepa_debit": "on"},
    "mail": {"sender_name": "Maison du Sandbox", "reply_to": "bonjour@maison.example"},
    "terms": {"terms": "Payable à l'acceptation."},
    "stages": {
        "stage.sent.default": "contractsent",
        "stage.accepted.default": "decisionmakerboughtin",
        "stage.paid.default": "closedwon",
    },
}
