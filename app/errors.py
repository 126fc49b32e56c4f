"""The two families of errors: those a visitor meets and those a vendor caused."""

from collections.abc import Mapping
from enum import StrEnum


class AppError(Exception):
    """A refusal with its HTTP status, a stable code and one sentence for the person."""

    status = 400

    def __init__(self, code: str, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        if status is not None:
            self.status = status


class NotFoundError(AppError):
    """Nothing of that name belongs to the caller."""

    status = 404


class ConflictError(AppError):
    """The request was right a moment ago; the subject has changed since."""

    status = 409


class FailureKind(StrEnum):
    """What a vendor's failure means for the message that met it.

    AUTH: the tenant must give us access again. CONFIGURATION: what our installation is to the
    vendor is refused, and so is every tenant's call. BLOCKED: our access is good, but somebody
    there must open one way first, such as a channel that is archived.
    """

    RETRYABLE = "retryable"
    UNKNOWN_OUTCOME = "unknown_outcome"
    AUTH = "auth"
    CONFIGURATION = "configuration"
    BLOCKED = "blocked"
    PERMANENT = "permanent"


class ProviderError(Exception):
    """A vendor did not do what was asked.

    `provider` is named as in the kinds of messages, so that its lane can be told to wait; `kind` is
    decided in the provider that knows the vendor, `code` is the vendor's own word,
    `retry_after` is in seconds and stands only where the vendor gave it. `over`: the vendor says
    that the call has ended, so nothing of it is still under way. `late_seconds`: so long a lost
    call may still have its effect, and a look would come too early. `complaints`: which fields the
    vendor complains about, each with its code for why ("": unsaid). `message` is for the log; of it
    a person reads `detail` at most: names or words that only the vendor knows.
    """

    def __init__(
        self,
        provider: str,
        kind: FailureKind,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        detail: str = "",
        over: bool = False,
        late_seconds: float = 0.0,
        complaints: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{provider}: {message}")
        self.provider = provider
        self.kind = kind
        self.message = message
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.detail = detail
        self.over = over
        self.late_seconds = late_seconds
        self.complaints = complaints or {}
