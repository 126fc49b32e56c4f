"""One call of Slack's SDK, and Slack's refusals as our failures."""

from collections.abc import Callable
from http.client import HTTPException
from typing import Any

from slack_sdk.errors import SlackApiError

from app.errors import FailureKind, ProviderError
from app.failpoints import failpoint
from app.metrics.counts import counted
from app.providers.outcome import (
    kind_of_silence,
    kind_of_status,
    late_seconds,
    retry_after,
    sentence,
)

PROVIDER = "slack"
_OK = 200
_AUTH = frozenset(
    {
        "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
        "missing_scope", "no_permission", "org_login_required", "ekm_access_denied",
        "team_access_not_granted",
    }
)  # fmt: skip
# The Client ID or Client Secret of this installation is not what Slack knows.
_OURS = frozenset({"bad_client_secret", "invalid_client_id"})
# A person must do something in Slack about one channel; our access as such is good.
_CHANNEL = frozenset(
    {
        "channel_not_found", "is_archived", "not_in_channel", "posting_to_general_channel_denied",
        "restricted_action", "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
    }
)  # fmt: skip
_KINDS = {
    FailureKind.AUTH: _AUTH,
    FailureKind.BLOCKED: _CHANNEL,
    FailureKind.CONFIGURATION: _OURS,
}
_REFUSED = FailureKind.PERMANENT
_SLOW_DOWN = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_BROKEN = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)


@counted(PROVIDER)
def call(method: Callable[..., Any], *, write: bool = False) -> Any:
    """Run a method of the SDK; raise ProviderError for whatever it raises.

    Slack answers 200 with a word for nearly every refusal.
    https://docs.slack.dev/reference/methods/chat.postMessage#errors
    """
    failpoint("slack.before")
    try:
        return method()
    except SlackApiError as error:
        raise _refused(error.response, write=write) from error
    except (OSError, HTTPException, UnicodeDecodeError) as error:
        kind = kind_of_silence(error, write=write)
        message = "Slack did not answer."
        late = late_seconds(error, kind)
        raise ProviderError(PROVIDER, kind, message, code="no_answer", late_seconds=late) from error
    finally:
        failpoint("slack.after")


def _refused(answer: Any, *, write: bool) -> ProviderError:
    code = str(answer.get("error") or "unknown_error")
    wait = retry_after(answer.headers)
    if answer.status_code != _OK and code not in _SLOW_DOWN:
        kind = kind_of_status(answer.status_code, write=write)
        code = code if code.isidentifier() else str(answer.status_code)
    elif code in _SLOW_DOWN:
        kind = FailureKind.RETRYABLE
    elif code in _BROKEN:
        kind = FailureKind.UNKNOWN_OUTCOME if write else FailureKind.RETRYABLE
    else:
        kind = next((kind for kind, codes in _KINDS.items() if code in codes), _REFUSED)
    return ProviderError(
        PROVIDER,
        kind,
        f"Slack refused: {code}.",
        code=code,
        status=answer.status_code,
        retry_after=wait,
        detail=sentence(answer.get("needed") or ""),
    )
