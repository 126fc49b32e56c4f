"""PostgreSQL by pg_dump and pg_restore, which must be as new as the server or newer.

https://www.postgresql.org/docs/current/app-pgdump.html
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from app.backups.failing import BackupFailedError, ProgramMissingError

BEGINNING = b"PGDMP"
# Whoever restores it may be another user than the one who owned it.
OF_NOBODY = ("--no-owner", "--no-privileges", "--no-password")


def is_ours(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(BEGINNING)) == BEGINNING


def dump(database_url: str, file: Path) -> None:
    with _connection(database_url) as where:
        _run("pg_dump", "--format=custom", *OF_NOBODY, f"--file={file}", where)


def load(database_url: str, file: Path) -> None:
    """Fill the database in one transaction: what fails leaves it empty."""
    whole = ("--single-transaction", "--exit-on-error")
    with _connection(database_url) as where:
        _run("pg_restore", *whole, *OF_NOBODY, f"--dbname={where}", str(file))


@contextmanager
def _connection(database_url: str) -> Iterator[str]:
    """Where the database is, as these programs are told it; nobody reads its password in `ps`.

    https://www.postgresql.org/docs/current/libpq-pgpass.html
    """
    url = make_url(database_url)
    _, named = url.get_dialect()().create_connect_args(url)
    password = named.pop("password", None)
    with TemporaryDirectory() as folder:
        if password:
            file = Path(folder) / "password"
            escaped = password.replace("\\", "\\\\").replace(":", "\\:")
            file.touch(mode=0o600)
            file.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
            named["passfile"] = str(file)
        yield make_conninfo(**named)


def _run(program: str, *words: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise ProgramMissingError(program)
    ended = subprocess.run([found, *words], capture_output=True, text=True, check=False)
    if ended.returncode:
        lines = ended.stderr.splitlines() or [f"{program}: {ended.returncode}"]
        raise BackupFailedError(lines[0])
