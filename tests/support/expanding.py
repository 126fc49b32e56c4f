"""Which statements of a migration the version before would not survive, or would wait for.

https://www.postgresql.org/docs/current/sql-altertable.html says what each one locks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Of a few rows a tenant: an index on them is made in the time of a blink.
SMALL = "tenants|connections|preferences|colleagues|team_channels|pipeline_stages"
STATEMENT = (
    (r"ALTER TABLE (?:ONLY )?(?P<table>\w+) (?P<rest>.*)", {
        r"DROP COLUMN": "the version before still reads and writes this column",
        r"RENAME": "the version before knows the old name alone",
        r"ALTER COLUMN \w+ (SET DATA )?TYPE": "the table is written anew, under a lock",
        r"ALTER COLUMN \w+ SET NOT NULL": "the version before may still write NULL",
        r"ALTER COLUMN \w+ DROP DEFAULT": "the version before leaves this column out",
        r"ADD COLUMN (?!.*\bDEFAULT\b).*\bNOT NULL\b": "the version before leaves this column out",
        r"ADD CONSTRAINT (?!.*\bNOT VALID\b)": "old rows may fail, all are read under a lock",
    }),
    (r"DROP TABLE (?:IF EXISTS )?(?P<table>\w+)(?P<rest>)", {
        r"": "the version before still uses this table",
    }),
    (rf"CREATE (?:UNIQUE )?INDEX (?P<rest>.*?) ?ON (?!(?:{SMALL})\b)(?P<table>\w+)", {
        r"^(?!CONCURRENTLY)": "nobody writes this table until the index is made",
    }),
)  # fmt: skip


@dataclass(frozen=True)
class Breach:
    """A statement and why it must wait for a later version."""

    table: str
    statement: str
    why: str


def breach(statement: str) -> Breach | None:
    """What is wrong with one statement, or nothing."""
    plain = re.sub(r"\s+", " ", statement.replace('"', "")).strip()
    for shape, rules in STATEMENT:
        found = re.match(shape, plain, re.IGNORECASE)
        if found is None:
            continue
        for rule, why in rules.items():
            if re.search(rule, found["rest"], re.IGNORECASE):
                return Breach(found["table"], plain, why)
    return None
