"""The journal: the tenant's audit log, for reading and as CSV."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request

from app.accounts.preferences.chosen import chosen_zone
from app.accounts.roles import Right
from app.audit import PAGE, audit, csv_lines, list_entries
from app.models import AuditEntry, ColleagueSession
from app.web.auth import ID, csrf_token, language_of, only_with, person_of
from app.web.looked import not_for_a_look
from app.web.runtime import runtime
from app.wording.figures import moment
from app.wording.journal import changes_of

blueprint = Blueprint("journal", __name__)


@blueprint.get("/journal")
@only_with(Right.READ_JOURNAL)
def show(person: ColleagueSession) -> str:
    """A page of entries, the newest first; `before` continues after an entry."""
    with runtime().database.reading(person.tenant_id) as session:
        language = language_of(session)
        zone = chosen_zone(session)
        entries = list_entries(session, request.args.get("before", type=_entry_id))
    return render_template(
        "journal.html",
        entries=[_shown(entry, language, zone) for entry in entries],
        older=entries[-1].id if len(entries) == PAGE else None,
        csrf_token=csrf_token(),
        language=language,
    )


@blueprint.get("/journal.csv")
@only_with(Right.READ_JOURNAL)
@not_for_a_look
def export(person: ColleagueSession) -> Response:
    """All entries; that somebody took them along is an entry too."""
    with runtime().database.writing(person.tenant_id) as session:
        audit(session, person_of(person), "journal.exported")
    headers = {"Content-Disposition": "attachment; filename=propale-journal.csv"}
    lines = csv_lines(runtime().database, person.tenant_id)
    return Response(lines, mimetype="text/csv", headers=headers)


def _entry_id(text: str) -> int:
    """Raises ValueError for a number that no entry can have."""
    if not ID.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _shown(entry: AuditEntry, language: str, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": entry.id,
        "what": entry.what,
        "at": moment(entry.at.astimezone(zone), language),
        "who": entry.who,
        "address": entry.address,
        "changes": changes_of(entry.before, entry.after, language),
    }
