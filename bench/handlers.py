"""Handlers that stand for work: nothing at all, a call to a vendor, a call that always fails."""

from __future__ import annotations

import os
from functools import cache, partial
from itertools import cycle
from typing import TYPE_CHECKING

from urllib3 import PoolManager

from app.errors import FailureKind, ProviderError
from workers.drain import THREADS
from workers.handler import Effect, Handler, nothing_more

if TYPE_CHECKING:
    from app.messages import Claimed
    from app.runtime import Runtime

NOTHING, CALLING, FAILING = "bench.nothing", "calling.vendor", "failing.vendor"
STUB = "BENCH_STUB"
CALL_MS, REFUSAL_MS = 200, 50
_STATUSES = cycle([429, 500])


def _nothing(_runtime: Runtime, _message: Claimed) -> Effect:
    return nothing_more


def _call(_runtime: Runtime, message: Claimed) -> Effect:
    call(message.provider)
    return nothing_more


def _fail(_runtime: Runtime, message: Claimed) -> Effect:
    """Be refused without a Retry-After, which would let the whole lane rest."""
    _ask(message.provider, next(_STATUSES), REFUSAL_MS)
    return nothing_more


def call(provider: str = "") -> None:
    """Ask the vendor for what takes it `CALL_MS`."""
    _ask(provider, 200, CALL_MS)


def _ask(provider: str, status: int, milliseconds: int) -> None:
    answer = _pool().request("GET", f"{os.environ[STUB]}/{status}/{milliseconds}", retries=False)
    if answer.status != 200:
        kind = FailureKind.RETRYABLE
        raise ProviderError(provider, kind, f"HTTP {answer.status}", status=answer.status)


_pool = cache(partial(PoolManager, maxsize=THREADS))

HANDLERS = {NOTHING: Handler(_nothing), CALLING: Handler(_call), FAILING: Handler(_fail)}
