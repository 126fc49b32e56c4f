"""What the vendors do wrong in a storm, in the words of the sandbox's control API."""

from __future__ import annotations

from typing import Any

Disturbance = dict[str, Any]
WEBHOOKS = ("drop", "double", "delay", "reorder", "wrong_mode", "thin")
_DEALS = "/crm/objects/2026-09/deals/*"
_POST = {"vendor": "stripe", "method": "POST", "path": "/v1/*"}
_SLACK = {"vendor": "slack", "path": "/api/chat.postMessage"}
# Longer than the product's patience with HubSpot and Slack, ten seconds.
_TOO_LONG = 11
VENDOR_FAULTS: dict[str, Disturbance] = {
    "HubSpot: 429": {
        "vendor": "hubspot",
        "status": 429,
        "times": 3,
        "headers": {"Retry-After": "2"},
    },
    "HubSpot: 500": {"vendor": "hubspot", "path": "/crm/*", "status": 500, "times": 2},
    "HubSpot: lost answer": {
        "vendor": "hubspot",
        "method": "PATCH",
        "path": _DEALS,
        "cut": "after",
    },
    "HubSpot: lost call": {"vendor": "hubspot", "path": "/crm/*", "cut": "before"},
    "HubSpot: time-out": {"vendor": "hubspot", "path": "/crm/*", "delay": _TOO_LONG},
    "HubSpot: garbled": {"vendor": "hubspot", "path": "/crm/*", "garbled": True},
    "Stripe: 429": {**_POST, "status": 429, "times": 2},
    # Stripe keeps a 500 under the call's key and repeats it for a day.
    "Stripe: 500": {**_POST, "status": 500, "times": 2},
    "Stripe: 503": {**_POST, "status": 503, "times": 2},
    "Stripe: lost answer": {**_POST, "cut": "after", "times": 2},
    "Stripe: lost call": {**_POST, "cut": "before", "times": 2},
    "Stripe: slow": {**_POST, "delay": 4, "times": 2},
    "Stripe: garbled": {**_POST, "garbled": True},
    "Stripe: reads fail": {"vendor": "stripe", "method": "GET", "status": 503, "times": 3},
    "Slack: 429": {"vendor": "slack", "status": 429, "headers": {"Retry-After": "2"}},
    "Slack: 500": {"vendor": "slack", "status": 500, "times": 2},
    "Slack: lost answer": {**_SLACK, "cut": "after"},
    "Slack: time-out": {**_SLACK, "delay": _TOO_LONG},
    "mail: later": {"vendor": "mail", "method": "RCPT", "status": 451, "times": 2},
    "mail: lost answer": {"vendor": "mail", "method": "DATA", "cut": "after"},
    "mail: cut": {"vendor": "mail", "method": "DATA", "cut": "before"},
}
# Thirty seconds are the product's patience with Stripe: only a long storm has so much time.
LONG_FAULTS: dict[str, Disturbance] = {"Stripe: time-out": {**_POST, "delay": 31}}
