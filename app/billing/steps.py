"""Money operations one by one: `once` is the only way to do one.

The operation key is stored before the call to Stripe, the object after it. The same key is sent
again for ten minutes. After that, or when it was begun with another payment method, we look for
what it made, and only if that is nothing does the operation get a new key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Select, select

from app.clock import wall_now
from app.db import Database, ScopedSession, find_or_add
from app.errors import FailureKind, ProviderError
from app.models import Operation, Purchase, Step

# After this time an unanswered call is over in Stripe too. Stripe keeps a key's answer for 24
# hours, even an error 500. https://docs.stripe.com/api/idempotent_requests
KEY_LIFE = timedelta(minutes=10)
BEGUN, DONE, UNDONE = "begun", "done", "undone"


class Made(Protocol):
    """What an operation makes or changes at Stripe."""

    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Made)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What was done. `answer` is None if an earlier try stored it: read the object if needed."""

    object_id: str
    answer: T | None


def once(
    database: Database,
    purchase: Purchase,
    name: str,
    given: Mapping[str, Any],
    *,
    look: Callable[[], T | None],
    make: Callable[[Operation], T],
) -> Outcome[T]:
    """Do this operation of the purchase's generation once, however often it is asked for.

    `given` are the figures of this try, `make` does it with the stored ones and the key, `look`
    finds what an earlier key made. Raises a retryable `ProviderError` while a call with another
    payment method may be under way.
    """
    step, new = _begin(database, purchase, name, given)
    return run_once(database, step, given, new=new, look=look, make=make)


def run_once(
    database: Database,
    operation: Operation,
    given: Mapping[str, Any],
    *,
    new: bool,
    look: Callable[[], T | None],
    make: Callable[[Operation], T],
) -> Outcome[T]:
    """Do a stored operation that is not done yet; `new`: nobody has sent its key."""
    if operation.state == DONE:
        return Outcome(operation.object_id, None)
    answer = None
    if _must_look_first(operation, given, wall_now()):
        answer = look()
        if answer is None:
            operation, new = _begin_again(database, operation, given)
    if answer is None:
        try:
            answer = make(operation)
        except Exception as failure:
            if not _ends_the_key(failure, new=new):
                raise
            operation = _settle(database, operation, UNDONE)
            if new:
                raise
            return run_once(database, operation, given, new=False, look=look, make=make)
    done = _settle(database, operation, DONE, answer.id)
    if done.state == DONE and done.object_id != answer.id:
        return Outcome(done.object_id, None)
    return Outcome(answer.id, answer)


def check_over(database: Database, purchase: Purchase, name: str) -> None:
    """Raise a retryable `ProviderError` while a call of this operation may be under way."""
    with database.reading(purchase.tenant_id) as session:
        step = session.scalars(_step_of(purchase, name)).first()
    if step and step.state == BEGUN and wall_now() - step.begun_at <= 2 * KEY_LIFE:
        raise _under_way()


def cancelling(subscription_id: str) -> str:
    """The name of the operation that ends a subscription."""
    return f"cancel:{subscription_id}"


def was_begun(session: ScopedSession, purchase: Purchase, name: str) -> bool:
    """Whether this operation of the purchase's generation was begun."""
    return session.scalars(_step_of(purchase, name)).first() is not None


def was_begun_with(session: ScopedSession, purchase: Purchase, payment_method: str) -> bool:
    """Whether any operation of the purchase was begun with this payment method."""
    steps = session.scalars(select(Step).where(Step.purchase_id == purchase.id))
    return any(
        step.given.get("payment_method") == payment_method or step.name == f"pay:{payment_method}"
        for step in steps
    )


def _ends_the_key(failure: Exception, *, new: bool) -> bool:
    """Whether it need not be sent again: its first call was refused, or Stripe repeats an error.

    After a lost answer a refusal proves nothing. What else a first try fails by, a sum that is not
    the proposal's for one, came before the call, or the next try looks what the call made.
    """
    if not isinstance(failure, ProviderError):
        return new
    return failure.over or (failure.kind is FailureKind.PERMANENT and new)


def _begin(
    database: Database, purchase: Purchase, name: str, given: Mapping[str, Any]
) -> tuple[Step, bool]:
    """Store the operation with its figures, or return it as it was first begun.

    A repeated key must carry the same figures, so whatever may differ between two tries (is the
    customer waiting on our page?) is decided once.
    """
    generation = purchase.generation
    new = Step(
        purchase_id=purchase.id,
        generation=generation,
        name=name,
        operation_key=f"purchase:{purchase.id}:{generation}:{name}:1",
        state=BEGUN,
        begun_at=wall_now(),
        given=dict(given),
    )
    same = _step_of(purchase, name)
    with database.writing(purchase.tenant_id) as session:
        step = find_or_add(session, lambda: session.scalars(same).first(), new)
        return step, step is new


def _must_look_first(operation: Operation, given: Mapping[str, Any], now: datetime) -> bool:
    """Whether its key must not be sent before we have looked what came of it.

    Raises a retryable `ProviderError` while a call with another payment method may be under way.
    """
    if operation.state == UNDONE:
        return True
    age = now - operation.begun_at
    same_method = operation.given.get("payment_method") == given.get("payment_method")
    if not same_method and age <= 2 * KEY_LIFE:
        # Its key was sent until it was too old, and the last call may take as long again.
        raise _under_way()
    return age > KEY_LIFE or not same_method


def _under_way() -> ProviderError:
    return ProviderError("stripe", FailureKind.RETRYABLE, "an earlier charge may be under way")


def _step_of(purchase: Purchase, name: str) -> Select[Step]:
    return select(Step).where(
        Step.purchase_id == purchase.id,
        Step.generation == purchase.generation,
        Step.name == name,
    )


def _begin_again(
    database: Database, seen: Operation, given: Mapping[str, Any]
) -> tuple[Operation, bool]:
    """Give it a new key; if another worker just did, both send that one."""
    with database.writing(seen.tenant_id) as session:
        row = session.get_one(type(seen), seen.id, with_for_update=True)
        first = row.operation_key == seen.operation_key
        if first:
            row.tries += 1
            row.operation_key = f"{seen.operation_key.rpartition(':')[0]}:{row.tries}"
            row.state, row.begun_at, row.given = BEGUN, wall_now(), dict(given)
        return row, first


def _settle(database: Database, operation: Operation, state: str, object_id: str = "") -> Operation:
    """Store how the operation's key ended, unless another worker went on with a newer key."""
    with database.writing(operation.tenant_id) as session:
        row = session.get_one(type(operation), operation.id, with_for_update=True)
        if row.operation_key == operation.operation_key and row.state != DONE:
            row.state, row.object_id = state, object_id
            row.done_at = wall_now() if state == DONE else None
        return row
