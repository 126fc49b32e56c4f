"""`migrate`: bring the database to the newest schema, while the version before goes on.

0: done; 1: others kept a table in use; 2: it was asked for wrongly.
"""

import sys

from app.commands._words import nothing_more, reader_language
from app.db import Database
from app.language import say
from app.migrate import BlockedError, migrate
from app.settings import Settings


def run(words: list[str]) -> int:
    nothing_more("migrate", words)
    settings = Settings.from_env()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        migrate(Database(settings.database_url))
    except BlockedError as error:
        print(say(reader_language(), "command.blocked", words=error), file=sys.stderr)
        return 1
    print(say(reader_language(), "command.migrated"))
    return 0
