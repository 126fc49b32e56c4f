"""The portals, their people and settings, as if they had signed up long ago."""

from __future__ import annotations

from dataclasses import dataclass, field

DEAL_STAGES = (
    ("appointmentscheduled", "Rendez-vous pris", "0.2"),
    ("qualifiedtobuy", "Qualifié", "0.4"),
    ("presentationscheduled", "Présentation prévue", "0.6"),
    ("decisionmakerboughtin", "Décideur convaincu", "0.8"),
    ("contractsent", "Proposition envoyée", "0.9"),
    ("closedwon", "Gagnée", "1.0"),
    ("closedlost", "Perdue", "0.0"),
)
RENEWAL_STAGES = (
    ("renewaldue", "À renouveler", "0.5"),
    ("renewalsent", "Renouvellement proposé", "0.8"),
    ("renewalwon", "Renouvelée", "1.0"),
)
# Each deal pipeline: id, label, stages.
PIPELINES = (
    ("default", "Pipeline des ventes", DEAL_STAGES),
    ("renewals", "Renouvellements", RENEWAL_STAGES),
)
BILLING_LABEL = ("Facturation", 101)


@dataclass(frozen=True)
class User:
    """A HubSpot user and her owner record; `locale` as HubSpot writes it.

    `installs`: her role lets her install apps.
    """

    id: int
    email: str
    first_name: str
    last_name: str
    owner_id: str
    locale: str = "fr"
    installs: bool = True


@dataclass(frozen=True)
class Portal:
    """One HubSpot account."""

    id: int
    name: str
    currency: str
    users: tuple[User, ...]
    tax_rates: tuple[tuple[str, str, float, bool], ...] = field(
        default=(
            ("7120", "TVA 20 %", 20.0, True),
            ("7110", "TVA 10 %", 10.0, True),
            ("7155", "TVA 5,5 %", 5.5, True),
            ("7196", "TVA 19,6 % (ancienne)", 19.6, False),
            ("7220", "UK VAT 20%", 20.0, True),
            ("7310", "消費税 10%", 10.0, True),
        )
    )

    def user(self, user_id: int) -> User:
        return next(user for user in self.users if user.id == user_id)


PORTALS = {
    148111: Portal(
        148111,
        "Maison du Sandbox",
        "EUR",
        (
            User(7001, "dana@maison.example", "Dana", "Petit", "9001"),
            User(7003, "karim@maison.example", "Karim", "Rousseau", "9003"),
            User(7005, "nora@maison.example", "Nora", "Blanc", "9005", installs=False),
        ),
    ),
    148222: Portal(
        148222,
        "Autre Maison",
        "EUR",
        (User(7002, "alix@autre-maison.example", "Alix", "Moreau", "9001"),),
    ),
}
