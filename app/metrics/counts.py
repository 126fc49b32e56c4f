"""What a process counts while it works. No label names a tenant, a person or a secret."""

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from app.errors import ProviderError

P = ParamSpec("P")
T = TypeVar("T")

# A start of one process says nothing about all of them.
disable_created_metrics()  # type: ignore[no-untyped-call]
COUNTED = CollectorRegistry()

answers = Counter("propale_requests", "Answered requests.", ("route", "status"), registry=COUNTED)
request_seconds = Histogram(
    "propale_request_seconds",
    "How long a request took.",
    ("route",),
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=COUNTED,
)
webhooks = Counter(
    "propale_webhooks",
    "Webhooks: new, duplicate, ignored (stored, nothing follows) or refused (unsigned).",
    ("provider", "outcome"),
    registry=COUNTED,
)
attempts = Counter(
    "propale_attempts",
    "Attempts at messages: done, ignored, retried, dead, taken_over, unsettled.",
    ("kind", "outcome"),
    registry=COUNTED,
)
message_seconds = Histogram(
    "propale_message_seconds",
    "From the change that caused a message until it was done; slack.accepted: acceptance to told.",
    ("kind",),
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600),
    registry=COUNTED,
)
provider_calls = Counter(
    "propale_provider_calls",
    "Calls to vendors: ok, retryable, unknown_outcome, auth, permanent, error (of ours).",
    ("provider", "outcome"),
    registry=COUNTED,
)
provider_seconds = Histogram(
    "propale_provider_seconds",
    "How long a vendor took to answer.",
    ("provider",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=COUNTED,
)
ring_failures = Counter(
    "propale_ring_failures",
    "Rings that Redis did not take; the sweep works without.",
    registry=COUNTED,
)
sweeps = Counter("propale_sweeps", "Sweeps of all workers: none means no worker.", registry=COUNTED)
lost_threads = Counter("propale_lost_threads", "Threads whose work did not end.", registry=COUNTED)
error_lines = Counter("propale_error_lines", "Log lines of errors.", ("module",), registry=COUNTED)


def counted(provider: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Count the calls of a vendor's door, with their outcomes and times."""

    def around(call: Callable[P, T]) -> Callable[P, T]:
        @wraps(call)
        def door(*args: P.args, **kwargs: P.kwargs) -> T:
            began, outcome = time.perf_counter(), "error"
            try:
                answer = call(*args, **kwargs)
            except ProviderError as failure:
                outcome = failure.kind.value
                raise
            else:
                outcome = "ok"
                return answer
            finally:
                provider_calls.labels(provider, outcome).inc()
                provider_seconds.labels(provider).observe(time.perf_counter() - began)

        return door

    return around
