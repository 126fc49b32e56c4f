"""Why something failed, as a sentence in the reader's language, never in a vendor's words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.errors import ProviderError
from app.language import catalogue, say

VENDORS = {"hubspot": "HubSpot", "stripe": "Stripe", "slack": "Slack"}
CODE = re.compile(r"[\w.-]{1,60}")


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence of `reason.json`; its language is chosen later, for the reader."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    vendor: str = ""

    def said(self, language: str) -> str:
        vendor = VENDORS.get(self.vendor) or say(language, "reason.mail_server")
        return say(language, f"reason.{self.key}", vendor=vendor, **self.values)


def reason_of(error: ProviderError) -> Reason:
    """The sentence for the vendor's own code where there is one, else for the kind of failure.

    The vendor's own words are only in the log; the code in the sentence helps to find them there.
    """
    named = f"{error.provider}.{error.code}"
    key = named if f"reason.{named}" in catalogue("en") else error.kind
    code = error.code if error.code and CODE.fullmatch(error.code) else error.status
    return Reason(key, {"code": code, "detail": error.detail or code}, error.provider)
