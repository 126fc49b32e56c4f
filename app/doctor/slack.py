"""Slack's side: whether it knows our app, which only a code that is exchanged would tell."""

from app.accounts.slack_app import try_client
from app.doctor.check import Check, ok, unseen, wrong
from app.errors import FailureKind, ProviderError
from app.settings import Settings


def look_at_app(settings: Settings) -> Check:
    """Slack takes our client id with our secret; without an app, a token can be pasted."""
    name = "connections.app"
    if not settings.slack_client_id:
        return unseen(name, "missing")
    try:
        try_client(settings)
    except ProviderError as error:
        if error.kind is not FailureKind.CONFIGURATION:
            return wrong(name, "away", url=settings.slack_api_base)
        return wrong(name, "refused", code=error.code)
    return ok(name)
