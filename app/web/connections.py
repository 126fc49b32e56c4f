"""The connections page: what is connected, the forms that connect it, the preferences."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.connect import connect_slack, connect_stripe
from app.accounts.connections import PROVIDERS
from app.accounts.preferences import change_preferences
from app.accounts.stages import ask_again, ask_when_old, kept_stages
from app.db import ScopedSession
from app.errors import AppError
from app.language import say
from app.models import ColleagueSession, Connection, Preferences, Tenant
from app.web.auth import check_csrf, colleagues_only, csrf_token
from app.web.runtime import runtime
from app.wording.figures import moment

blueprint = Blueprint("connections", __name__, url_prefix="/connections")


@blueprint.get("")
@colleagues_only
def show(person: ColleagueSession) -> Response:
    ask_when_old(runtime().database, person.tenant_id)
    return _page(person, saved=request.args.get("saved"))


@blueprint.post("/stripe")
@colleagues_only
def stripe(person: ColleagueSession) -> BaseResponse:
    key = request.form.get("key", "").strip()
    return _save(
        person,
        "stripe",
        lambda language: connect_stripe(runtime(), person.tenant_id, key, language),
    )


@blueprint.post("/slack")
@colleagues_only
def slack(person: ColleagueSession) -> BaseResponse:
    token, channel = request.form.get("token", "").strip(), request.form.get("channel", "")
    return _save(
        person,
        "slack",
        lambda language: connect_slack(runtime(), person.tenant_id, token, channel, language),
    )


@blueprint.post("/preferences")
@colleagues_only
def preferences(person: ColleagueSession) -> BaseResponse:
    return _save(
        person,
        "preferences",
        lambda language: change_preferences(
            runtime().database, person.tenant_id, request.form, language
        ),
    )


@blueprint.post("/stages")
@colleagues_only
def stages(person: ColleagueSession) -> BaseResponse:
    """Have the deal stages read again; a worker does it, and the page shows what it found."""
    return _save(
        person, "stages", lambda _language: ask_again(runtime().database, person.tenant_id)
    )


def _save(person: ColleagueSession, section: str, change: Callable[[str], None]) -> BaseResponse:
    """Make the change; on an error show the page again with its sentence and what was typed."""
    check_csrf()
    if not _may_change(person):
        sentence = say(_language(person), "connect.installer_only")
        raise AppError("installer_only", sentence, status=403)
    try:
        change(_language(person))
    except AppError as error:
        return _page(person, errors={section: error.message}, typed=request.form, status=422)
    return redirect(f"/connections?saved={section}", 303)


def _page(
    person: ColleagueSession,
    *,
    saved: str | None = None,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with runtime().database.reading(person.tenant_id) as session:
        states = {provider: _state(session, provider) for provider in PROVIDERS}
        kept = session.get_one(Preferences, person.tenant_id)
        known = kept_stages(session)
        zone = ZoneInfo(session.get_one(Tenant, person.tenant_id).time_zone)
    read_at = known[0].read_at.astimezone(zone) if known else None
    settings = runtime().settings
    mail = "connected" if settings.smtp_url and settings.mail_from else "missing"
    page = render_template(
        "connections.html",
        **states,
        mail={"status": mail, "name": settings.mail_from, "problem": ""},
        preferences=kept,
        stages=known,
        stages_read_at=moment(read_at, kept.language) if read_at else None,
        csrf_token=csrf_token(),
        errors=errors or {},
        typed=typed or {},
        saved=saved,
        language=kept.language,
        may_change=_may_change(person),
    )
    return Response(page, status=status)


def _state(session: ScopedSession, provider: str) -> dict[str, Any]:
    row = session.scalars(select(Connection).where(Connection.provider == provider)).first()
    if row is None or not row.sealed:
        return {"status": "missing", "name": "", "problem": "", "details": {}}
    name = row.account_name or row.account_id
    return {
        "status": row.status, "name": name, "problem": row.problem, "details": row.details
    }  # fmt: skip


def _may_change(person: ColleagueSession) -> bool:
    """Only the person who installed us in HubSpot may change connections; all may look."""
    with runtime().database.reading(person.tenant_id) as session:
        return session.get_one(Tenant, person.tenant_id).installer_user_id == person.user_id


def _language(person: ColleagueSession) -> str:
    with runtime().database.reading(person.tenant_id) as session:
        return session.get_one(Preferences, person.tenant_id).language
