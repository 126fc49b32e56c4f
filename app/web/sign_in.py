"""Signing in and out: the card's one-time link opens a session."""

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.sessions import SESSION_LIFE, close_session, open_session, take_sign_in_link
from app.db import EVERY_TENANT, ScopedSession
from app.errors import AppError
from app.language import say
from app.models import ColleagueSession, SignInLink
from app.web import cookies
from app.web.auth import check_csrf, colleagues_only, open_to, person_of
from app.web.errors import reader_language
from app.web.looked import not_for_a_look
from app.web.runtime import runtime

blueprint = Blueprint("sign_in", __name__)


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
@not_for_a_look
def sign_in(token: str) -> BaseResponse:
    """Open the session that a signed card call prepared, once, within its minute."""
    with runtime().database.writing(EVERY_TENANT) as session:
        link = take_sign_in_link(session, token)
        opened = link and _open(session, link)
    if not opened:
        raise AppError("link_used", say(reader_language(), "door.link_used"), status=404)
    return with_session(redirect("/connections", 303), opened)


def _open(session: ScopedSession, link: SignInLink) -> str:
    address = request.remote_addr or ""
    return open_session(session, link.tenant_id, link.user_id, link.user_email, address)


@blueprint.post("/sign-out")
@colleagues_only
def sign_out(person: ColleagueSession) -> BaseResponse:
    """Close the session: copies of its cookie are worth nothing either."""
    check_csrf()
    with runtime().database.writing(person.tenant_id) as session:
        close_session(session, person, person_of(person))
    answer = redirect("/sign-in", 303)
    cookies.take_back(answer, cookies.SESSION)
    return answer


def with_session(answer: BaseResponse, token: str) -> BaseResponse:
    """Give the browser its session."""
    cookies.give(answer, cookies.SESSION, token, int(SESSION_LIFE.total_seconds()))
    return answer
