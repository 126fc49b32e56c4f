"""Sentry, for those who set SENTRY_DSN: each error line with its trace, and never a secret.

The SDK is imported only then. It hooks into nothing: what we log as an error is what it is told.
"""

from __future__ import annotations

import json
import sys
from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from app.redaction import redact

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

    from app.settings import Settings

TOLD = ("error", "critical")
# By these an operator looks for it; everything else the line says stands beside them.
TAGS = ("request_id", "tenant", "kind", "message", "proposal", "route", "module", "command")


def start_sentry(settings: Settings, secrets: Sequence[str]) -> tuple[Processor, ...]:
    """What shows each log event to Sentry; nothing without a SENTRY_DSN.

    https://docs.sentry.io/platforms/python/configuration/options/
    """
    if not settings.sentry_dsn:
        return ()
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration

    def without_secrets(event: Any, _hint: Any) -> Any:
        return json.loads(redact(json.dumps(event, default=str), secrets))

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        environment=settings.app_env,
        before_send=without_secrets,
        default_integrations=False,
        integrations=[AtexitIntegration(lambda *_: None)],  # sends what waits, quietly
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
    )
    return (_tell,)


def _tell(_logger: object, _method: str, line: EventDict) -> EventDict:
    if line.get("level") in TOLD:
        _send(line)
    return line


def _send(line: MutableMapping[str, Any]) -> None:
    import sentry_sdk
    from sentry_sdk.utils import event_from_exception, exc_info_from_error

    event: Any = {
        "level": "fatal" if line["level"] == "critical" else "error",
        "logger": line.get("module"),
        "message": str(line["event"]),
        "tags": {name: str(line[name]) for name in TAGS if name in line},
        "extra": {name: value for name, value in line.items() if name[:1] != "_"},
    }
    event["extra"].pop("exc_info", None)
    error = _error_of(line.get("exc_info"))
    if error is not None:
        told, _ = event_from_exception(exc_info_from_error(error))
        event["exception"] = told["exception"]
    sentry_sdk.capture_event(event)


def _error_of(exc_info: object) -> BaseException | None:
    """The exception of a line, in whichever of logging's three shapes it came."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return _error_of(exc_info[1])
    return sys.exc_info()[1] if exc_info else None
