"""`backup FILE`: write the database into a file, while everything goes on.

0: the file is whole; 1: it could not be written; 2: it was asked for wrongly.
"""

import sys
from pathlib import Path

from app.backups import back_up
from app.backups.failing import BackupFailedError
from app.commands._database import require_database
from app.commands._words import Typed, reader_language
from app.db import Database
from app.language import say
from app.settings import Settings


def run(words: list[str]) -> int:
    language = reader_language()
    typed = Typed(say(language, "backup.usage"))
    typed.add_argument("file", type=Path)
    file = typed.parse_args(words).file
    settings = Settings.from_env()
    require_database(settings)
    try:
        back_up(Database(settings.database_url), settings.database_url, file, language)
    except BackupFailedError as error:
        print(say(language, "backup.failed", words=error), file=sys.stderr)
        return 1
    print(say(language, "backup.done", file=file))
    return 0
