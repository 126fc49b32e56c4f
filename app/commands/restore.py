"""`restore FILE`: fill an empty database from a backup, and say what to do next.

0: restored; 1: it could not be read to its end, or the keys do not open what is in it; 2: it was
asked for wrongly, and nothing was done.
"""

import sys
from pathlib import Path

from app.backups import restore
from app.backups.failing import BackupFailedError
from app.commands._words import Typed, reader_language
from app.db import Database
from app.language import say
from app.migrate import Standing, standing
from app.rotation import unopened
from app.seal import Sealer
from app.settings import Settings


def run(words: list[str]) -> int:
    language = reader_language()
    typed = Typed(say(language, "restore.usage"))
    typed.add_argument("file", type=Path)
    file = typed.parse_args(words).file
    settings = Settings.from_env()
    database = Database(settings.database_url)
    try:
        restore(database, settings.database_url, file, language)
    except BackupFailedError as error:
        print(say(language, "restore.failed", words=error), file=sys.stderr)
        return 1
    return say_what_next(database, Sealer(settings.encryption_keys), language)


def say_what_next(database: Database, sealer: Sealer, language: str) -> int:
    """The steps from a restored database to one that goes on; 1 if a secret does not open."""
    print(say(language, "restore.done"))
    found = standing(database)
    if found is not Standing.CURRENT:
        print(say(language, f"restore.{found}"))
    closed = unopened(database, sealer) if found is Standing.CURRENT else []
    if closed:
        print(say(language, "restore.unopened", number=len(closed)), file=sys.stderr)
    print(say(language, "restore.next"))
    return 1 if closed else 0
