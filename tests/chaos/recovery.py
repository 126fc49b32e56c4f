"""How soon the message of a killed worker is worked again, measured on its row.

A trigger of the storm's own database writes down every lease that ran out and was taken over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.stage import Stage

GOAL_SECONDS = 20.0
LEASE_SECONDS = 15.0
_TRIGGER = """
CREATE TABLE chaos_takeovers (id bigint, kind text, lease_until float, taken_at float);
CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_takeovers VALUES (OLD.id, OLD.kind, extract(epoch FROM OLD.lease_until),
        extract(epoch FROM clock_timestamp()));
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_note AFTER UPDATE ON messages FOR EACH ROW
WHEN (OLD.status = 'leased' AND NEW.status = 'leased' AND NEW.attempts > OLD.attempts)
EXECUTE FUNCTION chaos_note();
"""


def watch(stage: Stage) -> None:
    """Begin to write down takeovers."""
    with stage.connect() as ours:
        ours.execute(_TRIGGER)


@dataclass(frozen=True)
class Recovery:
    """A message that a kill interrupted: seconds until its next attempt.

    `disturbed`: meanwhile a worker was killed again or the database was away, so nobody could;
    `calm_seconds` is the time since the last of such blows.
    """

    seconds: float
    kind: str
    calm_seconds: float
    message_id: int = 0

    @property
    def disturbed(self) -> bool:
        return self.calm_seconds < self.seconds

    @property
    def late(self) -> bool:
        return self.calm_seconds > GOAL_SECONDS


@dataclass(frozen=True)
class Takeover:
    """A lease that ran out and was taken over; the moments in Unix seconds."""

    message_id: int
    kind: str
    lease_until: float
    taken_at: float

    def first_of(self, blows: Sequence[float]) -> float | None:
        """The first of these moments since the lease was renewed last, 15 s before its end."""
        renewed = self.lease_until - LEASE_SECONDS
        return min((blow for blow in blows if renewed <= blow < self.taken_at), default=None)


def takeovers(stage: Stage) -> list[Takeover]:
    """Everything that the trigger wrote down."""
    with stage.connect() as ours:
        rows = ours.execute("SELECT id, kind, lease_until, taken_at FROM chaos_takeovers")
        return [Takeover(*row) for row in rows.fetchall()]


def recoveries(
    taken_over: Sequence[Takeover], kills: Sequence[float], outages: Sequence[float]
) -> list[Recovery]:
    """Every takeover that followed a kill; all moments are Unix seconds."""
    found = (recovery(one, kills, outages) for one in taken_over)
    return [one for one in found if one]


def recovery(
    taken_over: Takeover, kills: Sequence[float], outages: Sequence[float]
) -> Recovery | None:
    """Count from the kill that ended a lease; None when no kill did."""
    killed = taken_over.first_of(kills)
    if killed is None:
        return None
    at = taken_over.taken_at
    last = max(blow for blow in (*kills, *outages) if killed <= blow < at)
    return Recovery(at - killed, taken_over.kind, at - last, taken_over.message_id)
