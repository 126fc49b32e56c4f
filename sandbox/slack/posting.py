"""What chat.postMessage is given: where to, and what may stand in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.blocks import problems
from sandbox.slack.calls import Call, SlackError
from sandbox.slack.teams import channels
from sandbox.world import current_world

if TYPE_CHECKING:
    from sandbox.store import Record, Table

_LONGEST_TEXT = 40_000
_LARGEST_METADATA = 4_000


def new_ts(posted: Table) -> str:
    """Return business time in microseconds, which also names the message in its channel."""
    microseconds = int(current_world().clock.now().timestamp() * 1_000_000)
    while (ts := f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}") in posted:
        microseconds += 1
    return ts


def target(call: Call) -> Record:
    """Return the channel to post to; here a public one may also be named `#ventes`."""
    wanted = call.text("channel")
    for channel in channels(current_world(), call.team).values():
        if channel["name"] == wanted.removeprefix("#") and not channel["is_private"]:
            return channel
    return call.channel()


def content(call: Call) -> dict[str, Any]:
    """Return what is said: text, blocks, metadata, each refused as Slack does."""
    text, blocks = call.text("text"), call.structure("blocks", "invalid_blocks_format")
    if not text and not blocks:
        raise SlackError("no_text")
    if len(text) > _LONGEST_TEXT:
        raise SlackError("msg_too_long")
    wrong = problems(blocks) if blocks is not None else []
    if wrong:
        raise SlackError(
            "invalid_blocks",
            errors=wrong,
            response_metadata={"messages": [f"[ERROR] {line}" for line in wrong]},
        )
    made: dict[str, Any] = {"text": text}
    if blocks:
        made["blocks"] = blocks
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata is not None:
        made["metadata"] = _metadata(call, metadata)
    return made


def _metadata(call: Call, given: Any) -> dict[str, Any]:
    fits = (
        isinstance(given, dict)
        and isinstance(given.get("event_type"), str)
        and given["event_type"]
        and isinstance(given.get("event_payload"), dict)
    )
    if not fits:
        raise SlackError("invalid_metadata_format")
    if len(call.text("metadata")) > _LARGEST_METADATA:
        raise SlackError("metadata_too_large")
    return {name: given[name] for name in ("event_type", "event_payload")}
