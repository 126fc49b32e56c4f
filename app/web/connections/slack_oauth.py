"""The way to Slack and back: a workspace allows our bot."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from app.accounts.connect_slack import connect_by_code
from app.accounts.install import begin_install, take_state
from app.accounts.roles import Right
from app.accounts.slack_app import callback_url
from app.db import EVERY_TENANT
from app.errors import AppError, NotFoundError
from app.language import say
from app.models import ColleagueSession
from app.providers.slack.authorize import authorize_url
from app.web.auth import only_with, person_of
from app.web.connections.page import change_section
from app.web.looked import not_for_a_look
from app.web.runtime import runtime

blueprint = Blueprint("slack_oauth", __name__, url_prefix="/oauth/slack")


@blueprint.get("/add")
@only_with(Right.CONNECT)
@not_for_a_look
def add(person: ColleagueSession) -> Response:
    """Send the browser to Slack with a `state` that only this session can bring back."""
    settings = runtime().settings
    if not settings.slack_client_id:
        raise NotFoundError("no_slack_app", "This installation has no Slack app.")
    with runtime().database.writing(EVERY_TENANT) as session:
        state = begin_install(session, _bound_to(person))
    client = settings.slack_client_id
    back = callback_url(settings)
    return redirect(authorize_url(settings.slack_app_base, client, back, state), 302)


@blueprint.get("/callback")
@only_with(Right.CONNECT)
@not_for_a_look
def callback(person: ColleagueSession) -> Response:
    """Exchange the code and keep the bot token; a refusal is a sentence in the box of Slack."""
    code, state = request.args.get("code", ""), request.args.get("state", "")
    with runtime().database.writing(EVERY_TENANT) as session:
        genuine = take_state(session, state, _bound_to(person))
    return change_section(
        person, "slack", lambda language: _connect(person, code, language, genuine=genuine)
    )


def _connect(person: ColleagueSession, code: str, language: str, *, genuine: bool) -> None:
    if not genuine:
        raise AppError("slack_state", say(language, "connect.slack_state"))
    if "error" in request.args:
        raise AppError("slack_denied", say(language, "connect.slack_denied"))
    connect_by_code(runtime(), person.tenant_id, code, language, who=person_of(person))


def _bound_to(person: ColleagueSession) -> str:
    """A session of one tenant: neither another browser nor HubSpot's way back can use it."""
    return f"slack:{person.tenant_id}:{person.token_hash}"
