"""What must be done to a restored database before anybody works on it.

The world went on after the backup, and this database has forgotten it.
"""

from sqlalchemy import text

from app.db import EVERY_TENANT, Database

# More rows than any table gets between two backups.
LEAP = 1_000_000
# Our numbers are in operation keys, which Stripe remembers, and in the marks on what we posted in
# Slack: a number given out after the backup must not be given to something else now.
NEW_NUMBERS = text(
    "SELECT setval(format('%I.%I', schemaname, sequencename), coalesce(last_value, 0) + :leap) "
    "FROM pg_sequences WHERE schemaname = current_schema()"
)
# What waited then may have been sent since: look before it is repeated.
DOUBT = text("UPDATE messages SET doubts = 1 WHERE doubts = 0 AND status IN ('pending', 'leased')")


def make_ready(database: Database) -> None:
    """In one commit. SQLite counts on from the highest number there is: it is the demo's alone."""
    with database.writing(EVERY_TENANT) as session:
        session.execute(DOUBT)
        if not database.sqlite:
            session.execute(NEW_NUMBERS, {"leap": LEAP})
