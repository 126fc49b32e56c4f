"""Slack's message markup as HTML, the way Slack's own window shows it."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

_ANGLED = re.compile(r"<([^<>]*)>")
_STYLES = (
    (re.compile(r"```(.+?)```", re.DOTALL), "pre"),
    (re.compile(r"`([^`\n]+)`"), "code"),
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), "strong"),
    (re.compile(r"(?<![\w_])_([^_\n]+)_(?![\w_])"), "em"),
    (re.compile(r"(?<![\w~])~([^~\n]+)~(?![\w~])"), "s"),
)
_EMOJI = {
    "tada": "🎉",
    "white_check_mark": "✅",
    "warning": "⚠️",
    "x": "❌",
    "moneybag": "💰",
    "hourglass_flowing_sand": "⏳",
    "memo": "📝",
    "credit_card": "💳",
}


def text_object(given: dict[str, Any]) -> Markup:
    """Show a text object: plain text literally, mrkdwn with its links and styles."""
    words = str(given.get("text", ""))
    return mrkdwn(words) if given.get("type") == "mrkdwn" else plain(words)


def plain(words: str) -> Markup:
    """Show plain text as it is, apart from emoji names and line breaks."""
    return _lines(_emoji(str(escape(words))))


def mrkdwn(words: str) -> Markup:
    """Show mrkdwn: `&lt;`, `&gt;` and `&amp;` are characters, `<...>` are links and mentions."""
    parts = []
    for place, piece in enumerate(_ANGLED.split(words)):
        parts.append(str(_angled(piece)) if place % 2 else _styled(piece))
    return _lines("".join(parts))


def _styled(piece: str) -> str:
    safe = str(escape(_characters(piece)))
    for pattern, tag in _STYLES:
        safe = pattern.sub(rf"<{tag}>\1</{tag}>", safe)
    return _emoji(safe)


def _angled(content: str) -> Markup:
    target, _, label = content.partition("|")
    if target.startswith("!"):
        return Markup('<mark class="mention">@{}</mark>').format(target[1:])
    if target.startswith(("@", "#")):
        return Markup('<mark class="mention">{}</mark>').format(label or target)
    if target.startswith(("http://", "https://", "mailto:")):
        return Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(
            _characters(target), _characters(label or target)
        )
    return escape(f"<{content}>")


def _characters(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _emoji(safe: str) -> str:
    return re.sub(
        r":([a-z_]+):", lambda found: _EMOJI.get(found.group(1), str(found.group(0))), safe
    )


def _lines(safe: str) -> Markup:
    return Markup(safe.replace("\n", "<br>"))  # noqa: S704 - every piece was escaped above
