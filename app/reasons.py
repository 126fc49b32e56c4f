"""Why something failed, as people read it: in their language, never in a vendor's or our own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.errors import ProviderError
from app.language import catalogue, say

VENDORS = {"hubspot": "HubSpot", "stripe": "Stripe", "slack": "Slack"}
CODE = re.compile(r"[\w.-]{1,60}")


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence of `reason.json`, to be said once it is known who reads it."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    vendor: str = ""

    def said(self, language: str) -> str:
        vendor = VENDORS.get(self.vendor) or say(language, "reason.mail_server")
        return say(language, f"reason.{self.key}", vendor=vendor, **self.values)


def reason_of(error: ProviderError) -> Reason:
    """The sentence for the vendor's own code where there is one, else for the kind of failure.

    The vendor's words stay in the log; its code goes along, by which they are found again.
    """
    named = f"{error.provider}.{error.code}"
    key = named if f"reason.{named}" in catalogue("en") else error.kind
    code = error.code if error.code and CODE.fullmatch(error.code) else error.status
    return Reason(key, {"code": code, "detail": error.detail or code}, error.provider)
