"""CRM text made safe for places that allow one line of limited length."""

import re
import unicodedata

# Control, format and surrogate characters: line breaks, direction overrides, null bytes.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
JOINER = "\u200d"  # holds emoji of several people together
BREAKS = re.compile(r"[^\S\u00a0\u202f]+")  # a no-break space holds an amount together


def one_line(text: object, longest: int) -> str:
    """The text on one line without invisible characters, cut with an ellipsis."""
    shown = "".join(
        # Nearly all of a text can be printed, and that is asked fastest.
        character if character.isprintable() else _seen(character)
        for character in str(text)
    )
    return cut(BREAKS.sub(" ", shown).strip(), longest)


def cut(text: str, longest: int) -> str:
    """The text, or its beginning with an ellipsis, at most `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _seen(character: str) -> str:
    if character == JOINER:
        return character
    return " " if unicodedata.category(character) in UNSEEN else character
