"""How commands read what was typed, and in which language they answer."""

import argparse
import getpass
import os
from collections.abc import Sequence

from app.errors import AppError
from app.language import say, supported
from app.settings import terminal_language

HIGHEST_ID = 2**63 - 1


def reader_language() -> str:
    """The language of the terminal's locale."""
    return supported(terminal_language())


class Typed(argparse.ArgumentParser):
    """Reads a command's words; whatever does not fit is answered with the one sentence given."""

    def __init__(self, sentence: str) -> None:
        super().__init__(add_help=False, allow_abbrev=False)
        self._sentence = sentence

    def error(self, _message: str) -> None:  # type: ignore[override]
        raise AppError("usage", self._sentence)


def number(text: str) -> int:
    """A number as our tables and the vendors have them: 1 to 2**63 - 1."""
    found = int(text)
    if not 0 < found <= HIGHEST_ID:
        raise ValueError(text)
    return found


def nothing_more(name: str, words: Sequence[str]) -> None:
    """Raises `AppError` where a command that takes no words is given some."""
    if words:
        sentence = say(reader_language(), "command.nothing_more", name=name, words=" ".join(words))
        raise AppError("usage", sentence)


def person_here() -> str:
    """The name of the account on this machine, or its number in a container without names."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
