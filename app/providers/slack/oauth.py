"""The exchange of an installation's code for the workspace's bot token."""

from functools import partial

from slack_sdk import WebClient

from app.providers.slack.calls import call


def exchange_code(
    api_base: str, client_id: str, client_secret: str, redirect_uri: str, code: str
) -> str:
    """Return the bot token; a code is good once, for ten minutes. Raises `ProviderError`.

    https://docs.slack.dev/reference/methods/oauth.v2.access
    """
    client = WebClient(base_url=api_base, timeout=10, retry_handlers=[])
    # As in `SlackChannel`: urllib beneath it minds NO_PROXY, too.
    client.proxy = None
    exchange = partial(
        client.oauth_v2_access,
        client_id=client_id,
        client_secret=client_secret,
        code=code,
        redirect_uri=redirect_uri,
    )
    return str(call(exchange, write=True)["access_token"])
