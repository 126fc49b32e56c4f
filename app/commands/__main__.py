"""What a person types: `./propale <word>`.

Asked for wrongly, a command does nothing, answers with one sentence and ends with 2.
"""

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.commands._words import nothing_more, reader_language
from app.errors import AppError
from app.language import say
from app.setting_problems import SettingsError
from app.trail import trail

FOLDER = Path(__file__).parent
LAUNCHERS = ("demo", "test")  # `propale` itself does these, before this package is there
READER_LEFT = 141  # what a shell shows of a program that SIGPIPE ended
INTERRUPTED = 130  # and of one that SIGINT ended


def main(words: list[str]) -> int:
    ours = sorted(
        path.stem.replace("_", "-") for path in FOLDER.glob("*.py") if not path.stem.startswith("_")
    )
    if words in ([], ["help"]):
        print(say(reader_language(), "command.known", known=", ".join(ours)))
        return 0
    name, rest = words[0], words[1:]
    if name not in (*ours, "help"):
        known = ", ".join(sorted((*ours, *LAUNCHERS, "help")))
        return _end(2, say(reader_language(), "command.unknown", name=name, known=known))
    try:
        if name == "help":
            nothing_more(name, rest)
        with trail(command=name):
            return int(import_module(f"app.commands.{name.replace('-', '_')}").run(rest))
    except SettingsError as error:
        language = reader_language()
        lines = [problem.said(language) for problem in error.problems]
        return _end(1, "\n".join([say(language, "command.settings"), *lines]))
    except AppError as error:
        return _end(2, error.message)
    except (DBAPIError, NoConnectionError) as error:
        said = str(getattr(error, "orig", error)).partition("\n")[0]
        return _end(1, say(reader_language(), "command.database", words=said))


def _end(status: int, sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return status


def _piped(words: list[str]) -> int:
    """Run it where whoever reads the output may stop reading: `./propale messages | head -1`.

    Or may end it by Ctrl-C, or has a terminal that cannot show every sign of our sentences.
    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        status = main(words)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to flush
        return READER_LEFT
    except KeyboardInterrupt:
        return _end(INTERRUPTED, say(reader_language(), "command.interrupted"))
    return status


if __name__ == "__main__":
    sys.exit(_piped(sys.argv[1:]))
