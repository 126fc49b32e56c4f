"""What a handler is: the work of one kind of message, and what happens when it is given up."""

from collections.abc import Callable
from dataclasses import dataclass

from app.db import ScopedSession
from app.errors import ProviderError
from app.messages import Claimed
from app.reasons import Reason
from app.runtime import Runtime
from workers.jobs import StrangeKindError

Effect = Callable[[ScopedSession], None]
Work = Callable[[Runtime, Claimed], Effect]
WhenDead = Callable[[ScopedSession, Claimed, Reason], None]
WhenBlocked = Callable[[ScopedSession, Claimed, ProviderError], None]


def nothing_more(_session: ScopedSession) -> None:
    """The effect of work that changes no row of ours."""


def not_ours(_runtime: Runtime, message: Claimed) -> Effect:
    """The work of a kind that another version added: it is left to workers of that version."""
    raise StrangeKindError(f"no handler for {message.kind} in this version")


def stay_visible(_session: ScopedSession, _message: Claimed, _reason: Reason) -> None:
    """Change nothing else: the dead letter itself can be seen."""


def wait_unseen(_session: ScopedSession, _message: Claimed, _error: ProviderError) -> None:
    """Change nothing else: the message waits, and says itself for what."""


@dataclass(frozen=True, slots=True)
class Handler:
    """`work` reads, closes its transaction, calls the vendor and returns the effect to commit.

    `when_blocked`: what to show while somebody at the vendor must open the way first. `seconds`:
    how long an attempt may take where that is longer than usual.
    """

    work: Work
    when_dead: WhenDead = stay_visible
    seconds: float = 0.0
    when_blocked: WhenBlocked = wait_unseen
