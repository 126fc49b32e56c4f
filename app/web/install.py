"""Signing in and out: HubSpot's OAuth for the installer, the card's one-time link for reps."""

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.install import STATE_LIFE, begin_install, install_tenant, take_state
from app.accounts.oauth import exchange
from app.accounts.sessions import SESSION_LIFE, close_session, open_session, take_sign_in_link
from app.db import EVERY_TENANT
from app.errors import AppError, FailureKind, ProviderError
from app.language import say
from app.models import ColleagueSession
from app.providers.hubspot.authorize import authorize_url
from app.tokens import new_token
from app.web import cookies
from app.web.auth import check_csrf, colleagues_only, open_to
from app.web.errors import reader_language
from app.web.runtime import runtime

blueprint = Blueprint("install", __name__)


@blueprint.get("/")
@open_to("everybody")
def home() -> BaseResponse:
    """The bare address, which HubSpot shows beside the app: on to what a colleague may see."""
    return redirect("/connections", 302)


@blueprint.get("/install")
@open_to("everybody")
def install() -> BaseResponse:
    """Send the browser to HubSpot with a `state` that only it can bring back."""
    settings, browser = runtime().settings, new_token()
    with runtime().database.writing(EVERY_TENANT) as session:
        state = begin_install(session, browser)
    target = authorize_url(
        settings.hubspot_app_base, settings.hubspot_client_id, _callback_url(), state
    )
    answer = redirect(target, 302)
    cookies.give(answer, cookies.INSTALL, browser, int(STATE_LIFE.total_seconds()))
    return answer


@blueprint.get("/oauth/hubspot/callback")
@open_to("everybody")
def callback() -> BaseResponse:
    """Exchange the code, store the tenant, open the installer's session.

    A callback without our state (an install begun in HubSpot's marketplace) signs nobody in: it
    is sent to /install, where a new install begins.
    """
    state, code = request.args.get("state", ""), request.args.get("code", "")
    browser = cookies.read(cookies.INSTALL)
    if request.args.get("error"):
        raise AppError(
            "install_refused", say(reader_language(), "door.install_refused"), status=403
        )
    if not state or not browser:
        return redirect("/install", 302)
    with runtime().database.writing(EVERY_TENANT) as session:
        genuine = take_state(session, state, browser)
    if not genuine:
        raise AppError("state_unknown", say(reader_language(), "door.state_unknown"))
    return _installed(code)


def _installed(code: str) -> BaseResponse:
    try:
        grant = exchange(runtime().settings, code, _callback_url())
    except ProviderError as error:
        status = 400 if error.kind is FailureKind.AUTH else 502
        sentence = say(reader_language(), "door.install_failed")
        raise AppError("install_failed", sentence, status=status) from error
    tenant_id = install_tenant(runtime(), grant, request.remote_addr or "")
    with runtime().database.writing(EVERY_TENANT) as session:
        token = open_session(session, tenant_id, grant.user_id, grant.user_email)
    answer = redirect("/connections", 303)
    cookies.take_back(answer, cookies.INSTALL)
    return _with_session(answer, token)


@blueprint.get("/sign-in")
@open_to("everybody")
def how_to_sign_in() -> Response:
    language = reader_language()
    return Response(
        render_template(
            "message.html",
            language=language,
            title=say(language, "door.sign_in_title"),
            sentence=say(language, "door.sign_in_from_card"),
            way_on={"url": "/install", "words": say(language, "door.install")},
        )
    )


@blueprint.get("/sign-in/<token>")
@open_to("holder of a one-time link")
def sign_in(token: str) -> BaseResponse:
    """Open the session that a signed card call prepared, once, within its minute."""
    with runtime().database.writing(EVERY_TENANT) as session:
        link = take_sign_in_link(session, token)
        opened = link and open_session(session, link.tenant_id, link.user_id, link.user_email)
    if not opened:
        raise AppError("link_used", say(reader_language(), "door.link_used"), status=404)
    return _with_session(redirect("/connections", 303), opened)


@blueprint.post("/sign-out")
@colleagues_only
def sign_out(person: ColleagueSession) -> BaseResponse:
    """Close the session: copies of its cookie are worth nothing either."""
    check_csrf()
    with runtime().database.writing(person.tenant_id) as session:
        close_session(session, person)
    answer = redirect("/sign-in", 303)
    cookies.take_back(answer, cookies.SESSION)
    return answer


def _with_session(answer: BaseResponse, token: str) -> BaseResponse:
    cookies.give(answer, cookies.SESSION, token, int(SESSION_LIFE.total_seconds()))
    return answer


def _callback_url() -> str:
    return f"{runtime().settings.public_url}/oauth/hubspot/callback"
