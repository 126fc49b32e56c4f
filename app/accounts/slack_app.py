"""Our own Slack app: the exchange of a code, and whether Slack knows our client id and secret.

Only an exchange tells, and after a refused one nobody may try again for months. So a worker asks
until Slack knows us: whoever runs the server hears of it at once, and when it is mended.
"""

from app import messages
from app.accounts.configuration import keep_refusal, note_success
from app.errors import FailureKind, ProviderError
from app.runtime import Runtime
from app.settings import Settings

# Slack never gave it to anybody: asking with it changes nothing.
NOBODYS_CODE = "nobody-has-this-code"


def callback_url(settings: Settings) -> str:
    """Where Slack sends the browser back, the same at both ends of an exchange."""
    return f"{settings.public_url}/oauth/slack/callback"


def exchange_code(runtime: Runtime, tenant_id: int, code: str) -> str:
    """The workspace's bot token for the code; raises `ProviderError`."""
    try:
        token = _exchange(runtime.settings, code)
    except ProviderError as error:
        if error.kind is FailureKind.CONFIGURATION:
            _have_it_tried(runtime, tenant_id, error)
        raise
    note_success(runtime.database, "slack")
    return token


def try_app(runtime: Runtime) -> None:
    """Ask Slack whether it knows us; raises `ProviderError` while it does not, or is away."""
    if runtime.settings.slack_client_id:
        try_client(runtime.settings)
    note_success(runtime.database, "slack")


def try_client(settings: Settings) -> None:
    """Ask with a code that nobody has; raises `ProviderError` unless Slack refuses no more than it.

    CONFIGURATION: it is our client id or secret that Slack refuses.
    """
    try:
        _exchange(settings, NOBODYS_CODE)
    except ProviderError as error:
        if error.kind is not FailureKind.PERMANENT:
            raise


def _exchange(settings: Settings, code: str) -> str:
    from app.providers.slack import oauth

    client = settings.slack_client_id, settings.slack_client_secret
    return oauth.exchange_code(settings.slack_api_base, *client, callback_url(settings), code)


def _have_it_tried(runtime: Runtime, tenant_id: int, error: ProviderError) -> None:
    """By one message, however often Slack refuses us before it knows us again."""
    with runtime.database.writing(tenant_id) as session:
        since = keep_refusal(session, error).since
        messages.add(session, "slack.try_app", since.isoformat(), payload={})
