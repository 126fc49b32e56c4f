"""Where a workspace allows our bot, and what it asks for: the SDK is not needed for that."""

from urllib.parse import urlencode

# What the calls in `channel.py` need, and no more.
SCOPES = frozenset(
    {
        "channels:history",  # read our own posts back: find_posted
        "channels:join",  # enter a public channel: join
        "channels:read",  # list and look at public channels: open_channels, read_channel
        "chat:write",  # post
        "groups:history",  # as channels:history, where the bot was invited
        "groups:read",  # as channels:read, where the bot was invited
    }
)


def authorize_url(app_base: str, client_id: str, redirect_uri: str, state: str) -> str:
    """The page where an admin picks the workspace and allows the scopes.

    https://docs.slack.dev/authentication/installing-with-oauth
    """
    asked = {
        "client_id": client_id,
        "scope": ",".join(sorted(SCOPES)),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return f"{app_base}/oauth/v2/authorize?{urlencode(asked)}"
