"""What a person types: `./propale <word>`.

Asked for wrongly, a command does nothing, answers with one sentence and ends with 2.
"""

import sys
from importlib import import_module
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.commands._words import reader_language
from app.errors import AppError
from app.language import say
from app.settings import SettingsError

FOLDER = Path(__file__).parent


def main(words: list[str]) -> int:
    known = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    if words in ([], ["help"]):
        print(f"Commands: {', '.join(known)}")
        return 0
    if words[0] not in known:
        values = {"name": words[0], "known": ", ".join(known)}
        return _end(2, say(reader_language(), "command.unknown", **values))
    command = import_module(f"app.commands.{words[0]}")
    try:
        return int(command.run(words[1:]))
    except SettingsError as error:
        return _end(1, f"The settings do not allow this:\n{error}")
    except AppError as error:
        return _end(2, error.message)
    except (DBAPIError, NoConnectionError) as error:
        said = str(getattr(error, "orig", error)).partition("\n")[0]
        return _end(1, say(reader_language(), "command.database", words=said))


def _end(status: int, sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
