"""What befalls webhooks on their way when a tester wants it, and the strays sent beside them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.store import Record

# A stray goes before the event that it was made of, with an id of its own.
STRAYS = ("wrong_mode", "thin")
KINDS = ("drop", "double", "delay", "reorder", *STRAYS)
_USUAL_DELAY = 5.0


class MischiefError(ValueError):
    """Something was asked for that the sandbox does not do to webhooks."""


@dataclass
class Mischief:
    """What befalls the next `times` deliveries of a type of event (`*` for any)."""

    kind: str
    times: int = 1
    event_type: str = "*"
    seconds: float = _USUAL_DELAY  # of a delay only

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise MischiefError(f"webhooks know no {self.kind}: it is one of {', '.join(KINDS)}")
        if self.times < 1 or self.seconds < 0:
            raise MischiefError("times is 1 or more, seconds 0 or more")

    @classmethod
    def asked(cls, given: Mapping[str, Any]) -> Mischief:
        """Read JSON or a form: `action`, and if wanted `times`, `type` and `seconds`."""
        return cls(
            str(given.get("action")),
            int(given.get("times") or 1),
            str(given.get("type") or "*"),
            float(given.get("seconds") or _USUAL_DELAY),
        )


class Mischiefs:
    """What is armed, in the order it was armed; the first that fits an event is used."""

    def __init__(self) -> None:
        self._armed: list[Mischief] = []

    def arm(self, mischief: Mischief) -> None:
        self._armed.append(mischief)

    def take(self, event_type: str) -> Mischief | None:
        """Use up and return what befalls an event of this type; its `times` are what is left."""
        for mischief in self._armed:
            if mischief.event_type in {"*", event_type}:
                mischief.times -= 1
                if mischief.times <= 0:
                    self._armed.remove(mischief)
                return mischief
        return None

    def clear(self) -> None:
        self._armed.clear()

    def listed(self) -> list[dict[str, Any]]:
        """List what is still to come, as JSON objects."""
        return [asdict(mischief) for mischief in self._armed]


def stray(kind: str, event: Record) -> Record:
    """Make the event of the other mode, or the thin event, that Stripe could have sent.

    A thin event names its object and holds nothing of it: it has no `data.object`.
    https://docs.stripe.com/event-destinations#thin-events
    """
    if kind == "wrong_mode":
        return {**event, "id": f"{event['id']}_live", "livemode": True}
    about = event["data"]["object"]
    return {
        "id": f"{event['id']}_thin",
        "object": "v2.core.event",
        "type": f"v1.{event['type']}",
        "created": datetime.fromtimestamp(event["created"], UTC).isoformat(timespec="milliseconds"),
        "livemode": event["livemode"],
        "context": None,
        "related_object": {
            "id": about.get("id"),
            "type": about["object"],
            "url": f"/v1/{about['object'].replace('.', '/')}s/{about.get('id')}",
        },
    }
