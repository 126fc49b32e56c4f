"""The people of a tenant and their roles: everybody may look, an owner gives roles."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.preferences.chosen import chosen_zone
from app.accounts.roles import Right, Role, give_role, may, said_refusal
from app.errors import AppError
from app.models import Colleague, ColleagueSession, Preferences
from app.models.columns import LARGEST_ID
from app.web.auth import check_csrf, colleagues_only, csrf_token, language_of, only_with, person_of
from app.web.runtime import runtime
from app.wording.figures import moment

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("")
@colleagues_only
def show(person: ColleagueSession) -> str:
    return _page(person, saved="saved" in request.args)


@blueprint.post(f"/<int(max={LARGEST_ID}):colleague_id>")
@only_with(Right.GIVE_ROLES)
def give(person: ColleagueSession, colleague_id: int) -> BaseResponse:
    """Give a colleague another role; on an error the page says why, and nothing is changed."""
    check_csrf()
    try:
        with runtime().database.writing(person.tenant_id) as session:
            role, who = request.form.get("role", ""), person_of(person)
            give_role(session, colleague_id, role, who, language_of(session))
    except AppError as error:
        return Response(_page(person, error=error.message, wrong=colleague_id), status=error.status)
    return redirect("/people?saved", 303)


def _page(person: ColleagueSession, **shown: Any) -> str:
    with runtime().database.reading(person.tenant_id) as session:
        language = session.get_one(Preferences, person.tenant_id).language
        zone = chosen_zone(session)
        known = session.scalars(select(Colleague).order_by(Colleague.id)).all()
        may_give = may(session, person.user_id, Right.GIVE_ROLES)
    return render_template(
        "people.html",
        colleagues=[_shown(one, person, language, zone) for one in known],
        roles=list(Role),
        may_give=may_give,
        who_may=said_refusal(Right.GIVE_ROLES, language),
        csrf_token=csrf_token(),
        language=language,
        **shown,
    )


def _shown(one: Colleague, me: ColleagueSession, language: str, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.user_email or str(one.user_id),
        "role": one.role,
        "met_at": moment(one.met_at.astimezone(zone), language),
        "me": one.user_id == me.user_id,
    }
