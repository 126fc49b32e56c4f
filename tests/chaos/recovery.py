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
CREATE TABLE chaos_takeovers (kind text, lease_until float, taken_at float);
CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_takeovers VALUES (OLD.kind, extract(epoch FROM OLD.lease_until),
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

    `disturbed`: meanwhile a worker was killed again or the database was away, so nobody could.
    """

    seconds: float
    kind: str
    disturbed: bool = False

    @property
    def late(self) -> bool:
        return self.seconds > GOAL_SECONDS and not self.disturbed


def recoveries(stage: Stage, kills: Sequence[float], outages: Sequence[float]) -> list[Recovery]:
    """Every takeover that followed a kill; all moments are Unix seconds."""
    with stage.connect() as ours:
        rows = ours.execute("SELECT kind, lease_until, taken_at FROM chaos_takeovers").fetchall()
    found = (recovery(kind, kills, outages, until, taken) for kind, until, taken in rows)
    return [one for one in found if one]


def recovery(
    kind: str, kills: Sequence[float], outages: Sequence[float], lease_until: float, taken_at: float
) -> Recovery | None:
    """Count from the kill that ended a lease; None when no kill did.

    The lease was renewed last 15 s before its end; the first kill after that ended it.
    """
    after = [kill for kill in kills if lease_until - LEASE_SECONDS <= kill < taken_at]
    if not after:
        return None
    disturbed = any(min(after) < moment < taken_at for moment in (*kills, *outages))
    return Recovery(taken_at - min(after), kind, disturbed)
