"""What a person types: `./propale <word>`."""

import sys
from importlib import import_module
from pathlib import Path

from app.settings import SettingsError

FOLDER = Path(__file__).parent


def main(words: list[str]) -> int:
    known = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    if not words or words[0] not in known:
        print(f"Commands: {', '.join(known)}")
        return 0 if words in ([], ["help"]) else 2
    command = import_module(f"app.commands.{words[0]}")
    try:
        return int(command.run(words[1:]))
    except SettingsError as error:
        print(f"The settings do not allow this:\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
