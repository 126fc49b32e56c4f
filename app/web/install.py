"""HubSpot's OAuth for whoever installs us: out with a one-time state, back with a code."""

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.configuration import note_refusal
from app.accounts.held_grant import hold_grant, take_held_grant
from app.accounts.install import (
    STATE_LIFE,
    Grant,
    begin_install,
    install_tenant,
    take_state,
)
from app.accounts.oauth import exchange, give_back
from app.accounts.sessions import open_session
from app.db import EVERY_TENANT
from app.errors import AppError, FailureKind, ProviderError
from app.language import catalogue, say
from app.models import ColleagueSession, Tenant
from app.providers.hubspot.authorize import CLIENT_REFUSED, authorize_url
from app.tokens import new_token
from app.web import cookies
from app.web.auth import check_csrf, colleague, colleagues_only, csrf_token, open_to
from app.web.errors import reader_language
from app.web.looked import not_for_a_look
from app.web.runtime import runtime
from app.web.sign_in import with_session

blueprint = Blueprint("install", __name__)
# A state that begins so belongs to a second try: the first came back without our cookie.
SECOND_TRY = "2."


@blueprint.get("/")
@open_to("everybody")
def home() -> BaseResponse:
    """The bare address, which HubSpot shows beside the app: on to what a colleague may see."""
    return redirect("/connections", 302)


@blueprint.get("/install")
@open_to("everybody")
@not_for_a_look
def install() -> BaseResponse:
    """Send the browser to HubSpot with a `state` that only it can bring back.

    The cookie is the PKCE verifier as well: without it nobody can use the code that comes back.
    """
    settings, browser = runtime().settings, new_token()
    prefix = SECOND_TRY if request.args.get("again") else ""
    with runtime().database.writing(EVERY_TENANT) as session:
        state = begin_install(session, browser, prefix)
    target = authorize_url(
        settings.hubspot_app_base, settings.hubspot_client_id, _callback_url(), state, browser
    )
    answer = redirect(target, 302)
    cookies.give(answer, cookies.INSTALL, browser, int(STATE_LIFE.total_seconds()))
    return answer


@blueprint.get("/oauth/hubspot/callback")
@open_to("everybody")
@not_for_a_look
def callback() -> BaseResponse:
    """Exchange the code, store the tenant, open the installer's session.

    A callback without our state (an install begun in HubSpot's marketplace) signs nobody in: it
    is sent to /install, where a new install begins.
    """
    state, browser = request.args.get("state", ""), cookies.read(cookies.INSTALL)
    if request.args.get("error"):
        raise _refused(request.args["error"])
    if not state or not browser:
        if state.startswith(SECOND_TRY):
            raise AppError("no_cookies", say(reader_language(), "door.no_cookies"))
        return redirect("/install?again=1" if state else "/install", 302)
    with runtime().database.writing(EVERY_TENANT) as session:
        genuine = take_state(session, state, browser)
    if not genuine:
        raise AppError("state_unknown", say(reader_language(), "door.state_unknown"))
    return _granted(request.args.get("code", ""), browser)


def _refused(error: str) -> AppError:
    """HubSpot came back without a code, for a reason of OAuth's list (RFC 6749, 4.1.2.1)."""
    key = f"door.install_error.{error}"
    known = key if key in catalogue("en") else "door.install_error.other"
    status = 403 if error == "access_denied" else 400
    return AppError("install_refused", say(reader_language(), known), status=status)


def _granted(code: str, verifier: str) -> BaseResponse:
    try:
        grant = exchange(runtime().settings, code, _callback_url(), verifier)
    except ProviderError as error:
        raise _not_exchanged(error) from error
    person = colleague()
    if person and _hub_id(person) != grant.hub_id:
        return _ask_which(person, grant)
    return _installed(grant)


def _not_exchanged(error: ProviderError) -> AppError:
    language = reader_language()
    # Anybody can come back with nonsense for a code: what HubSpot says of that alarms nobody.
    if error.code in CLIENT_REFUSED:
        note_refusal(runtime().database, error)
    if error.kind is FailureKind.CONFIGURATION:
        return AppError("install_failed", say(language, "door.install_misconfigured"), status=502)
    if error.kind is FailureKind.AUTH:
        return AppError("install_failed", say(language, "door.code_used"))
    return AppError("install_failed", say(language, "door.install_failed"), status=502)


def _hub_id(person: ColleagueSession) -> int:
    with runtime().database.reading(person.tenant_id) as session:
        return session.get_one(Tenant, person.tenant_id).hub_id


def _ask_which(person: ColleagueSession, grant: Grant) -> BaseResponse:
    """The browser is signed in for one account and HubSpot granted another: she says which."""
    held = hold_grant(runtime(), person, grant)
    with runtime().database.reading(EVERY_TENANT) as session:
        known = session.scalars(select(Tenant.id).where(Tenant.hub_id == grant.hub_id)).first()
    page = render_template(
        "other_account.html",
        language=reader_language(),
        mine=_hub_id(person),
        granted=grant.hub_id,
        known=known is not None,
        held=held,
        csrf_token=csrf_token(),
    )
    answer = Response(page, status=409)
    cookies.take_back(answer, cookies.INSTALL)
    return answer


@blueprint.post("/oauth/hubspot/choose")
@colleagues_only
def choose(person: ColleagueSession) -> BaseResponse:
    """What she chose: go on with the account HubSpot granted, or stay and give the grant back."""
    check_csrf()
    grant = take_held_grant(runtime(), person, request.form.get("held", ""))
    if grant is None:
        raise AppError("state_unknown", say(reader_language(), "door.choice_late"))
    if request.form.get("decision") == "other":
        return _installed(grant)
    give_back(runtime(), grant)
    return redirect("/connections", 303)


def _installed(grant: Grant) -> BaseResponse:
    address = request.remote_addr or ""
    tenant_id = install_tenant(runtime(), grant, address)
    with runtime().database.writing(EVERY_TENANT) as session:
        token = open_session(session, tenant_id, grant.user_id, grant.user_email, address)
    answer = redirect("/connections", 303)
    cookies.take_back(answer, cookies.INSTALL)
    return with_session(answer, token)


def _callback_url() -> str:
    return f"{runtime().settings.public_url}/oauth/hubspot/callback"
