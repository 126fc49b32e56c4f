"""The logo and the terms as files: checked, then kept in the database."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.preferences.form import FormError
from app.accounts.preferences.keep import keep
from app.audit import Who
from app.clock import wall_now
from app.db import Database, ScopedSession, find_or_add
from app.language import say
from app.models import StoredFile
from app.wording.plain import one_line

LARGEST_LOGO = 2 * 1024 * 1024
LARGEST_TERMS = 3 * 1024 * 1024
LONGEST_NAME = 100
COLUMNS = {"logo": ("logo",), "terms_file": ("terms_file", "terms_file_name")}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser sent it: its name and type are only what the sender says."""

    name: str
    content: bytes


def change_logo(
    database: Database, tenant_id: int, upload: Upload, language: str, *, who: Who
) -> None:
    """Keep the picture, made anew, as the logo; raises `FormError` at the field `logo`."""
    from app.accounts.preferences.images import ImageRefusedError, clean_image

    try:
        picture = clean_image(_present(upload, "logo", LARGEST_LOGO, language))
    except ImageRefusedError as refused:
        raise _wrong("logo", f"logo_{refused.code}", language) from refused
    with database.writing(tenant_id) as session:
        keep(session, {"logo": _store(session, picture, "image/png", "logo.png")}, who)


def change_terms_file(
    database: Database, tenant_id: int, upload: Upload, language: str, *, who: Who
) -> None:
    """Keep the PDF as the terms to download; raises `FormError` at the field `terms_file`."""
    from app.accounts.preferences.pdf import PdfRefusedError
    from app.accounts.preferences.pdf_apart import check_pdf_apart

    content = _present(upload, "terms_file", LARGEST_TERMS, language)
    try:
        check_pdf_apart(content)
    except PdfRefusedError as refused:
        raise _wrong("terms_file", f"pdf_{refused.code}", language) from refused
    name = one_line(upload.name.rpartition("/")[2].rpartition("\\")[2], LONGEST_NAME)
    with database.writing(tenant_id) as session:
        digest = _store(session, content, "application/pdf", name)
        keep(session, {"terms_file": digest, "terms_file_name": name}, who)


def remove_file(database: Database, tenant_id: int, name: str, *, who: Who) -> None:
    """No `logo` or `terms_file` from now on; what was sent keeps its own."""
    with database.writing(tenant_id) as session:
        keep(session, dict.fromkeys(COLUMNS[name], ""), who)


def find_file(session: ScopedSession, sha256: str) -> StoredFile | None:
    """The tenant's own file with this hash."""
    wanted = select(StoredFile).where(StoredFile.sha256 == sha256)
    return session.scalars(wanted).first() if sha256 else None


def too_large(name: str, language: str) -> FormError:
    """The sentence for a body that is refused before it is read."""
    most = {"logo": LARGEST_LOGO, "terms_file": LARGEST_TERMS}[name]
    words = say(language, "preferences.wrong.file_too_large", most=most // (1024 * 1024))
    return FormError({name: words})


def _present(upload: Upload, name: str, largest: int, language: str) -> bytes:
    if not upload.content:
        raise _wrong(name, "file_missing", language)
    if len(upload.content) > largest:
        raise too_large(name, language)
    return upload.content


def _wrong(name: str, key: str, language: str) -> FormError:
    return FormError({name: say(language, f"preferences.wrong.{key}")})


def _store(session: ScopedSession, content: bytes, content_type: str, name: str) -> str:
    digest = hashlib.sha256(content).hexdigest()
    new = StoredFile(
        sha256=digest, content_type=content_type, name=name, content=content, added_at=wall_now()
    )
    find_or_add(session, lambda: find_file(session, digest), new)
    return digest
