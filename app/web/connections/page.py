"""The connections page: a box for each vendor, and what every form on it does alike."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import channels
from app.accounts.connections import DISCONNECTED, PROVIDERS, find_connection
from app.accounts.preferences.chosen import chosen_zone
from app.accounts.roles import Right, may, said_refusal
from app.accounts.scopes import missing_scopes
from app.accounts.stages import STAGES, kept_stages
from app.db import ScopedSession
from app.errors import AppError
from app.models import ColleagueSession, Connection, Preferences, Tenant
from app.web.auth import check_csrf, colleagues_only, csrf_token
from app.web.connections.mail_box import mail_box
from app.web.connections.slack_box import slack_box
from app.web.connections.stripe_box import stripe_box
from app.web.looked import not_for_a_look
from app.web.runtime import runtime
from app.wording.figures import day, moment

blueprint = Blueprint("connections", __name__, url_prefix="/connections")


@blueprint.get("")
@colleagues_only
@not_for_a_look
def show(person: ColleagueSession) -> Response:
    STAGES.ask_when_old(runtime().database, person.tenant_id)
    channels.CHANNELS.ask_when_old(runtime().database, person.tenant_id)
    return _page(person, saved=request.args.get("saved"))


def save(
    person: ColleagueSession,
    section: str,
    change: Callable[[str], None],
    *,
    typed: Mapping[str, str] | None = None,
) -> BaseResponse:
    """Make the change of a form; `typed` stands for its fields where they hold a secret."""
    check_csrf()
    return change_section(person, section, change, typed=typed)


def change_section(
    person: ColleagueSession,
    section: str,
    change: Callable[[str], None],
    *,
    typed: Mapping[str, str] | None = None,
) -> BaseResponse:
    """Make the change; on an error show the page again with its sentence and what was typed."""
    try:
        change(_language(person))
    except AppError as error:
        shown = request.form if typed is None else typed
        return _page(person, errors={section: error}, typed=shown, status=422)
    return redirect(f"/connections?saved={section}", 303)


def _page(
    person: ColleagueSession,
    *,
    saved: str | None = None,
    errors: Mapping[str, AppError] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with runtime().database.reading(person.tenant_id) as session:
        states = {provider: _state(session, provider) for provider in PROVIDERS}
        kept = session.get_one(Preferences, person.tenant_id)
        known = kept_stages(session)
        zone = chosen_zone(session)
        portal = find_connection(session, "hubspot")
        states["hubspot"]["missing_scopes"] = missing_scopes(portal) if portal else []
        erased = session.get_one(Tenant, person.tenant_id).erase_after
        states["hubspot"]["erased_on"] = (
            day(erased.astimezone(zone).date(), kept.language) if erased else ""
        )
        row = find_connection(session, "stripe")
        settings = runtime().settings
        slack = find_connection(session, "slack")
        states["slack"] |= slack_box(session, settings, slack, kept.language)
        states["stripe"] |= stripe_box(session, runtime().settings, row, kept.language, zone)
        states["mail"] = mail_box(session, settings, person, zone)
        rights = {right for right in Right if may(session, person.user_id, right)}
    read_at = known[0].read_at.astimezone(zone) if known else None
    page = render_template(
        "connections.html",
        **states,
        stages_read_at=moment(read_at, kept.language) if read_at else None,
        csrf_token=csrf_token(),
        errors=errors or {},
        typed=typed or {},
        saved=saved,
        language=kept.language,
        may_change=Right.CONNECT in rights,
        may_prefer=Right.PREFER in rights,
        who_may=said_refusal(Right.CONNECT, kept.language),
    )
    return Response(page, status=status)


def _state(session: ScopedSession, provider: str) -> dict[str, Any]:
    row = session.scalars(select(Connection).where(Connection.provider == provider)).first()
    if row is not None and row.status == DISCONNECTED:
        return {"status": DISCONNECTED, "name": "", "problem": row.problem, "details": {}}
    if row is None or not row.sealed:
        return {"status": "missing", "name": "", "problem": "", "details": {}}
    name = row.account_name or row.account_id
    return {
        "status": row.status, "name": name, "problem": row.problem, "details": row.details
    }  # fmt: skip


def _language(person: ColleagueSession) -> str:
    with runtime().database.reading(person.tenant_id) as session:
        return session.get_one(Preferences, person.tenant_id).language
