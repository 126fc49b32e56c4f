"""The connections page: what is connected, the forms that connect it, the preferences."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.clients import ask_hubspot
from app.accounts.connect import connect_slack, connect_stripe
from app.accounts.connections import PROVIDERS
from app.accounts.preferences import change_preferences
from app.db import ScopedSession
from app.errors import AppError, ProviderError
from app.language import say
from app.models import ColleagueSession, Connection, Preferences, Tenant
from app.web.auth import check_csrf, colleagues_only, csrf_token
from app.web.runtime import runtime

blueprint = Blueprint("connections", __name__, url_prefix="/connections")


@blueprint.get("")
@colleagues_only
def show(person: ColleagueSession) -> Response:
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


def _save(person: ColleagueSession, section: str, change: Callable[[str], None]) -> BaseResponse:
    """Do it and say so; or show the page again with the sentence and everything that was typed."""
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
    settings = runtime().settings
    mail = "connected" if settings.smtp_url and settings.mail_from else "missing"
    page = render_template(
        "connections.html",
        **states,
        mail={"status": mail, "name": settings.mail_from, "problem": ""},
        preferences=kept,
        stages=_stages(person.tenant_id),
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


def _stages(tenant_id: int) -> list[Any]:
    """The portal's deal stages; without an answer the page works and keeps what was chosen."""
    try:
        return list(ask_hubspot(runtime(), tenant_id, lambda crm: crm.read_stages()))
    except ProviderError:
        return []


def _may_change(person: ColleagueSession) -> bool:
    """Whoever installed us in HubSpot decides where the money goes; everybody may look."""
    with runtime().database.reading(person.tenant_id) as session:
        return session.get_one(Tenant, person.tenant_id).installer_user_id == person.user_id


def _language(person: ColleagueSession) -> str:
    with runtime().database.reading(person.tenant_id) as session:
        return session.get_one(Preferences, person.tenant_id).language
