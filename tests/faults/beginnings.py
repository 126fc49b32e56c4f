"""What comes before a story is played once, and put back where other stories begin alike."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.faults.acts import Act
from tests.faults.stage import Moment, Stage

LONGEST_KEPT = 300.0


def grown_old(made_at: float) -> bool:
    """Keys and tokens of that moment may soon be too old to go on with."""
    return time.monotonic() - made_at > LONGEST_KEPT


def begin(stage: Stage, act: Act) -> None:
    act.outside(stage)
    stage.waiting += act.asked


@dataclass
class Beginnings:
    """How the first day ended after these acts, and when that day was."""

    _kept: dict[tuple[Act, ...], tuple[Moment, float]] = field(default_factory=dict)

    def play(self, stage: Stage, acts: tuple[Act, ...]) -> float:
        """Play the acts undisturbed on the first day, or put back how they ended; says when."""
        kept = self._kept.get(acts)
        if kept and not grown_old(kept[1]):
            stage.restore(kept[0])
            return kept[1]
        made_at = time.monotonic()
        if acts:
            made_at = self.play(stage, acts[:-1])
            begin(stage, acts[-1])
            stage.finish()
        self._kept[acts] = stage.remember(), made_at
        return made_at
