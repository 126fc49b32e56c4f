"""The faults people arm most, by a name the control page shows."""

from __future__ import annotations

from typing import Any

_WRITE = "/crm/objects/2026-09/deals/*"

PRESETS: dict[str, tuple[str, dict[str, Any]]] = {
    "hubspot-429": (
        "HubSpot\u00a0: trop d’appels (429, trois fois)",
        {"vendor": "hubspot", "status": 429, "times": 3, "headers": {"Retry-After": "2"}},
    ),
    "hubspot-500": (
        "HubSpot\u00a0: erreur 500 au prochain appel",
        {"vendor": "hubspot", "path": "/crm/*", "status": 500},
    ),
    "hubspot-lost": (
        "HubSpot\u00a0: prochaine écriture faite, réponse perdue",
        {"vendor": "hubspot", "method": "PATCH", "path": _WRITE, "cut": "after"},
    ),
    "hubspot-slow": (
        "HubSpot\u00a0: prochaine lecture en 12 secondes",
        {"vendor": "hubspot", "method": "GET", "path": "/crm/*", "delay": 12},
    ),
    "stripe-503": (
        "Stripe\u00a0: en panne (503) à la prochaine écriture",
        {"vendor": "stripe", "method": "POST", "path": "/v1/*", "status": 503},
    ),
    "stripe-lost": (
        "Stripe\u00a0: prochaine écriture faite, réponse perdue",
        {"vendor": "stripe", "method": "POST", "path": "/v1/*", "cut": "after"},
    ),
    "stripe-slow": (
        "Stripe\u00a0: prochaine écriture en 8 secondes",
        {"vendor": "stripe", "method": "POST", "path": "/v1/*", "delay": 8},
    ),
    "slack-429": (
        "Slack\u00a0: trop de messages (429, une fois)",
        {"vendor": "slack", "path": "/api/*", "status": 429, "headers": {"Retry-After": "3"}},
    ),
    "slack-lost": (
        "Slack\u00a0: prochain message publié, réponse perdue",
        {"vendor": "slack", "path": "/api/chat.postMessage", "cut": "after"},
    ),
    "mail-later": (
        "Mail\u00a0: refus passager (451)",
        {"vendor": "mail", "method": "RCPT", "status": 451},
    ),
    "mail-never": (
        "Mail\u00a0: adresse refusée (550)",
        {"vendor": "mail", "method": "RCPT", "status": 550},
    ),
    "mail-lost": (
        "Mail\u00a0: coupure après le point final, message gardé",
        {"vendor": "mail", "method": "DATA", "cut": "after"},
    ),
    "mail-cut": (
        "Mail\u00a0: coupure au point final, message perdu",
        {"vendor": "mail", "method": "DATA", "cut": "before"},
    ),
}

# What may befall the next webhooks of Stripe, as `sandbox.stripe.mischief` reads it.
WEBHOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "drop": ("Perdre les trois prochains", {"action": "drop", "times": 3}),
    "double": ("Doubler les cinq prochains", {"action": "double", "times": 5}),
    "delay": (
        "Retarder les trois prochains de 10 secondes",
        {"action": "delay", "times": 3, "seconds": 10},
    ),
    "reorder": ("Envoyer les quatre prochains à l’envers", {"action": "reorder", "times": 4}),
    "wrong_mode": (
        "Précéder le prochain d’un événement du mode réel",
        {"action": "wrong_mode"},
    ),
    "thin": ("Précéder le prochain d’un événement sans objet", {"action": "thin"}),
}

BEFALLS = {
    "drop": "perdus",
    "double": "doublés",
    "delay": "retardés",
    "reorder": "envoyés à l’envers",
    "wrong_mode": "précédés d’un événement du mode réel",
    "thin": "précédés d’un événement sans objet",
}

# What a fault of one's own may do, as the control page's form says it.
HAPPENINGS = {
    "status:429": "réponse 429",
    "status:500": "réponse 500",
    "status:503": "réponse 503",
    "status:451": "refus 451 (mail)",
    "cut:before": "coupure avant le travail",
    "cut:after": "coupure après le travail",
    "garbled:1": "travail fait, réponse illisible",
    "delay:12": "attente de 12 secondes",
}
