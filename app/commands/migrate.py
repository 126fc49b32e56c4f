"""`migrate`: bring the database to the newest schema."""

from app.commands._words import nothing_more
from app.db import Database
from app.migrate import migrate
from app.settings import Settings


def run(words: list[str]) -> int:
    nothing_more("migrate", words)
    settings = Settings.from_env()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(Database(settings.database_url))
    return 0
