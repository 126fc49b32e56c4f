"""Slack: one channel of one workspace, looked up, joined, posted to and read back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from slack_sdk import WebClient

from app.errors import ProviderError
from app.providers.slack.calls import call

EVENT_TYPE = "propale_message"
_PAGE = 200  # the most Slack advises


@dataclass(frozen=True, slots=True)
class Team:
    """The workspace behind a bot token; `url` is its own address, `scopes` what the token may."""

    team_id: str
    team: str
    url: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel the bot can see; it posts only where `is_member`."""

    id: str
    name: str
    is_private: bool
    is_member: bool
    is_archived: bool


class SlackChannel:
    """Calls with one bot token, each given up after `seconds`.

    Every method raises ProviderError and nothing else.
    """

    def __init__(self, api_base: str, bot_token: str, *, seconds: int = 10) -> None:
        self._client = WebClient(
            token=bot_token, base_url=api_base, timeout=seconds, retry_handlers=[]
        )
        # The SDK reads HTTPS_PROXY without NO_PROXY; urllib beneath it minds both.
        self._client.proxy = None

    def test_auth(self) -> Team:
        """Ask who the token is.

        https://docs.slack.dev/reference/methods/auth.test
        """
        said = call(self._client.auth_test)
        headers = {name.lower(): text for name, text in said.headers.items()}
        scopes = frozenset(headers.get("x-oauth-scopes", "").split(","))
        return Team(said["team_id"], said["team"], said["url"], scopes)

    def revoke(self) -> None:
        """Give the token back; with a workspace's last one, Slack uninstalls the app there.

        https://docs.slack.dev/reference/methods/auth.revoke
        """
        call(self._client.auth_revoke, write=True)

    def find_channel(self, name_or_id: str) -> Channel | None:
        """Find a channel by `#name`, name or id; a private one only if the bot is a member.

        https://docs.slack.dev/reference/methods/conversations.list
        """
        wanted = name_or_id.strip().removeprefix("#")
        for found in self._listed():
            if wanted == found.id or wanted.lower() == found.name.lower():
                return found
        return None

    def open_channels(self) -> list[Channel]:
        """List every channel the bot can see that is not archived.

        https://docs.slack.dev/reference/methods/conversations.list
        """
        return list(self._listed(exclude_archived=True))

    def read_channel(self, channel_id: str) -> Channel | None:
        """Read one channel; None if it is gone or, being private, hidden from the bot.

        https://docs.slack.dev/reference/methods/conversations.info
        """
        try:
            said = call(partial(self._client.conversations_info, channel=channel_id))
        except ProviderError as error:
            if error.code == "channel_not_found":
                return None
            raise
        return _channel(said["channel"])

    def _listed(self, **given: Any) -> Iterator[Channel]:
        kinds = "public_channel,private_channel"
        method = self._client.conversations_list
        return map(_channel, self._pages(method, "channels", types=kinds, **given))

    def join(self, channel_id: str) -> None:
        """Enter a public channel. Being a member already is no error.

        https://docs.slack.dev/reference/methods/conversations.join
        """
        call(partial(self._client.conversations_join, channel=channel_id), write=True)

    def post(
        self, channel_id: str, text: str, blocks: Sequence[Mapping[str, Any]], message_id: str
    ) -> str:
        """Post and return the message's `ts`. Its metadata holds our id, for `find_posted`.

        `text` is what notifications show; CRM text in it, or in mrkdwn, passes `escape` first.
        https://docs.slack.dev/reference/methods/chat.postMessage
        """
        said = call(
            partial(
                self._client.chat_postMessage,
                channel=channel_id,
                text=text,
                blocks=[dict(block) for block in blocks],
                metadata={"event_type": EVENT_TYPE, "event_payload": {"message_id": message_id}},
                unfurl_links=False,
                unfurl_media=False,
            ),
            write=True,
        )
        return str(said["ts"])

    def find_posted(self, channel_id: str, message_id: str, oldest: datetime) -> str | None:
        """Look in the channel's history since `oldest` for a post of ours; its `ts` or None.

        https://docs.slack.dev/reference/methods/conversations.history
        """
        for found in self._pages(
            self._client.conversations_history,
            "messages",
            channel=channel_id,
            oldest=f"{oldest.timestamp():.6f}",
            inclusive=True,
            include_all_metadata=True,
        ):
            metadata = found.get("metadata") or {}
            ours = metadata.get("event_type") == EVENT_TYPE
            if ours and metadata.get("event_payload", {}).get("message_id") == message_id:
                return str(found["ts"])
        return None

    def _pages(
        self, method: Callable[..., Any], listed: str, **given: Any
    ) -> Iterator[Mapping[str, Any]]:
        cursor: str | None = None
        while True:
            said = call(partial(method, limit=_PAGE, cursor=cursor, **given))
            yield from said.get(listed) or ()
            cursor = (said.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return


def _channel(found: Mapping[str, Any]) -> Channel:
    return Channel(
        id=found["id"],
        name=found["name"],
        is_private=bool(found.get("is_private")),
        is_member=bool(found.get("is_member")),
        is_archived=bool(found.get("is_archived")),
    )
