"""What may differ between our books and the vendors', and the sentences that say so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.errors import ProviderError
from app.language import say
from app.reasons import VENDORS, Reason
from app.reconcile.repairs import Repair
from app.reconcile.value_words import in_words


class Kind(StrEnum):
    """Each has a sentence, and one that says what a person does, in `reconcile.json`."""

    MISSED_WEBHOOK = "missed_webhook"
    INVOICE_UNKNOWN = "invoice_unknown"
    METHOD_UNBILLED = "method_unbilled"
    METHOD_OLD = "method_old"
    PURCHASE_BEHIND = "purchase_behind"
    PURCHASE_STUBBORN = "purchase_stubborn"
    PURCHASE_UNKNOWN = "purchase_unknown"
    DOUBLED_CUSTOMER = "doubled_customer"
    DOUBLED_SUBSCRIPTION = "doubled_subscription"
    DOUBLED_PAYMENT = "doubled_payment"
    WRONG_MODE = "wrong_mode"
    OBJECT_GONE = "object_gone"
    MESSAGE_DEAD = "message_dead"
    MESSAGE_LATE = "message_late"
    DEAL_BEHIND = "deal_behind"
    DEAL_STUBBORN = "deal_stubborn"
    DEAL_GONE = "deal_gone"
    PERMISSION_MISSING = "permission_missing"
    ENDPOINT_DISABLED = "endpoint_disabled"
    ENDPOINT_GONE = "endpoint_gone"
    UNREAD = "unread"


# The rest of such a book is not known.
UNREAD = frozenset({Kind.PERMISSION_MISSING, Kind.UNREAD})
SILENT = frozenset({Kind.ENDPOINT_DISABLED, Kind.ENDPOINT_GONE})
ABOUT_MESSAGES = frozenset({Kind.MESSAGE_DEAD, Kind.MESSAGE_LATE})
ABOUT_DEALS = frozenset({Kind.DEAL_BEHIND, Kind.DEAL_STUBBORN, Kind.DEAL_GONE})


def book_of(name: str) -> str:
    """In which book a difference of this name (`Difference.name`) is found."""
    kind, _, about = name.partition(":")
    if kind in UNREAD:
        return about.lower()  # the vendor itself
    return "messages" if kind in ABOUT_MESSAGES else "hubspot" if kind in ABOUT_DEALS else "stripe"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `about` is the id of what it is about; `values` fill the sentence.

    Without a `repair` only a person can mend it. `reason` is why the book of the vendor `about`
    could not be read, `error` what the vendor said.
    """

    kind: Kind
    about: str
    values: Mapping[str, object] = field(default_factory=dict)
    repair: Repair | None = None
    reason: Reason | None = None
    error: ProviderError | None = None

    @property
    def name(self) -> str:
        """The same for the same difference, whenever it is found."""
        return f"{self.kind}:{self.about}"

    def said(self, language: str) -> str:
        return say(language, f"reconcile.{self.kind}", **self._values(language))

    def advice(self, language: str) -> str:
        """What the repair does; without one, why there is none and what a person does."""
        return say(language, f"reconcile.{self.kind}.do", **self._values(language))

    def _values(self, language: str) -> dict[str, object]:
        if self.reason is None:
            return {"about": self.about, **in_words(self.values, language)}
        return {"vendor": VENDORS[self.about], "reason": self.reason.said(language)}
