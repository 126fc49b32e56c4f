"""`keys new`: print fresh keys for the environment file; `keys rotate`: seal with the newest key.

0: done; 1: some texts open with none of the keys; 2: it was asked for wrongly.
"""

import secrets
import sys
from collections.abc import Sequence

from app.commands._database import start_on_database
from app.commands._words import Typed, reader_language
from app.db import Database
from app.language import say
from app.rotation import reseal_all
from app.seal import Sealer
from app.settings import MADE_BY_KEYS_NEW


def run(words: list[str]) -> int:
    typed = Typed(say(reader_language(), "keys.usage"))
    typed.add_argument("what", choices=("new", "rotate"))
    if typed.parse_args(words).what == "new":
        return print_new()
    runtime = start_on_database()
    return rotate(runtime.database, runtime.sealer, reader_language())


def print_new() -> int:
    """Lines for the environment file; needs none itself."""
    for name in MADE_BY_KEYS_NEW:
        print(f"{name}={secrets.token_urlsafe(32)}")
    return 0


def rotate(database: Database, sealer: Sealer, language: str) -> int:
    """The command on a database: 1 if the keys given do not open everything, else 0."""
    done = reseal_all(database, sealer)
    print(say(language, "keys.rotated", number=done.number))
    _print_unopened(done.unopened, language)
    return 1 if done.unopened else 0


def _print_unopened(places: Sequence[str], language: str) -> None:
    if places:
        print(say(language, "keys.unopened", number=len(places)), file=sys.stderr)
    for place in places:
        print(f"    {place}", file=sys.stderr)
