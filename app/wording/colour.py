"""The seller's colour on pages, mails and receipts, always readable."""

import re

OURS = "#14483d"
GROUND = "#f2f0ea"
# https://www.w3.org/TR/WCAG22/#contrast-minimum
READABLE = 4.5
DEEPER, LIGHTER = 0.72, 0.1
_WRITTEN = re.compile(r"#[0-9a-f]{6}")
_LINEAR_BELOW = 0.04045

Channels = tuple[float, float, float]


def is_colour(text: str) -> bool:
    """Whether it is written as browsers write it: `#14483d`."""
    return _WRITTEN.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG, 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def suits_white_words(colour: str) -> bool:
    """Whether white words on a button of this colour can be read."""
    return contrast(colour, "#ffffff") >= READABLE


def palette(colour: str) -> dict[str, str]:
    """The colour with its shades: `deep` under the pointer, `ink` for words, `tint` for grounds."""
    channels = _channels(colour)
    tint = _written(*(255 - (255 - channel) * LIGHTER for channel in channels))
    return {"accent": colour, "deep": _darker(channels, DEEPER), "ink": _ink(colour), "tint": tint}


def _ink(colour: str) -> str:
    """The colour, darkened until it can be read on the page's ground."""
    share, ink = 1.0, colour
    while contrast(ink, GROUND) < READABLE:
        share -= 0.02
        ink = _darker(_channels(colour), share)
    return ink


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _LINEAR_BELOW else ((channel + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> Channels:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _darker(channels: Channels, share: float) -> str:
    red, green, blue = channels
    return _written(red * share, green * share, blue * share)


def _written(red: float, green: float, blue: float) -> str:
    return f"#{round(red):02x}{round(green):02x}{round(blue):02x}"
