"""How soon the message of a killed worker is worked again, measured on its row.

A trigger of the storm's own database writes down every lease that ran out and was taken over.
"""

from __future__ import annotations

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


def recoveries(stage: Stage, kills: Sequence[float]) -> list[tuple[float, str]]:
    """Seconds from a kill to the next attempt at what it interrupted, and the message's kind."""
    with stage.connect() as ours:
        rows = ours.execute("SELECT kind, lease_until, taken_at FROM chaos_takeovers").fetchall()
    found = ((_since_kill(kills, until, taken), kind) for kind, until, taken in rows)
    return sorted((seconds, kind) for seconds, kind in found if seconds is not None)


def _since_kill(kills: Sequence[float], lease_until: float, taken_at: float) -> float | None:
    """The lease was renewed last 15 s before its end; the first kill after that ended it."""
    after = [kill for kill in kills if lease_until - LEASE_SECONDS <= kill < taken_at]
    return taken_at - min(after) if after else None
