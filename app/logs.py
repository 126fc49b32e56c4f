"""Logging of every process: one line an event on stderr, JSON in production, never a secret.

Our own lines go from structlog straight to the stream (by way of Python's logging each would take
twice as long, and webhooks come in floods); what libraries log passes the same processors.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from json import JSONEncoder
from typing import Any, TextIO

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import JSONRenderer, TimeStamper, add_log_level, format_exc_info
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from app.metrics.counts import error_lines
from app.redaction import long_enough, redact
from app.sentry import start_sentry
from app.settings import Settings
from app.trail import add_trail

_ENCODER = JSONEncoder(default=str)
TALKATIVE = ("rq.worker", "stripe", "slack_sdk", "urllib3")


def get_logger(name: str) -> FilteringBoundLogger:
    """A module's logger, set up as its process is when it writes."""
    logger: FilteringBoundLogger = structlog.get_logger(module=name)
    return logger


def leave_out(library: str, words: str, instead: Callable[[], None]) -> None:
    """Call `instead` where a library would write a line that holds these words."""

    def wanted(record: logging.LogRecord) -> bool:
        if words not in str(record.msg):
            return True
        instead()
        return False

    logging.getLogger(library).addFilter(wanted)


def set_up_logging(
    level: str,
    *,
    as_json: bool = False,
    secrets: Sequence[str] = (),
    stream: TextIO | None = None,
    reporters: Sequence[Processor] = (),
    for_good: bool = False,
) -> None:
    """Write lines of `level` and above. `secrets` are replaced wherever they turn up.

    `reporters` see each event before it becomes a line. `for_good`: a logger that has written once
    stays as it is; to make it anew for each line takes twice as long.
    """
    stream = stream or sys.stderr
    head: list[Processor] = [add_trail, add_log_level, _count_errors, *reporters]
    tail: list[Processor] = [*_rendering(stream, as_json=as_json), _Redacting(secrets)]
    structlog.configure(
        processors=[*head, *tail],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=for_good,
    )
    _set_up_libraries(level, stream, head, tail)


def _rendering(stream: TextIO, *, as_json: bool) -> list[Processor]:
    if as_json:
        stamp = TimeStamper(fmt="iso", utc=True)
        return [stamp, format_exc_info, JSONRenderer(_as_json)]
    stamp = TimeStamper(fmt="%H:%M:%S", utc=False)
    plain = ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain_traceback)
    return [stamp, plain]


def _as_json(event: EventDict, **_: object) -> str:
    return _ENCODER.encode(event)


class _Redacting:
    """The last processor: whatever a line was made of, it is redacted as it will be written."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secrets)

    def __call__(self, _logger: WrappedLogger, _method: str, line: Any) -> str:
        return redact(line, self._secrets)


def _set_up_libraries(
    level: str, stream: TextIO, head: Sequence[Processor], tail: Sequence[Processor]
) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[_name_logger, *head],
            processors=[ProcessorFormatter.remove_processors_meta, *tail],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # gunicorn writes by itself, in words of its own; a worker's lines can hold a customer's link.
    served = logging.getLogger("gunicorn.error")
    served.handlers, served.propagate = [], True


def _count_errors(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if event["level"] in ("error", "critical"):
        error_lines.labels(event["module"]).inc()
    return event


def _name_logger(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["module"] = event["_record"].name
    return event


def start_logging(settings: Settings) -> None:
    """Log as a process of these settings does: JSON in production, readable in the sandbox."""
    secrets = long_enough(settings.secrets)
    set_up_logging(
        settings.log_level,
        as_json=settings.production,
        secrets=secrets,
        reporters=start_sentry(settings, secrets),
        for_good=True,
    )


set_up_logging("WARNING")  # whoever says nothing else, a command or a test, is told of trouble
