"""Errors as answers: JSON with one sentence for the card, a page for people."""

from flask import Flask, Response, abort, jsonify, render_template, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from werkzeug.exceptions import HTTPException

from app.errors import AppError
from app.language import say, supported
from app.logs import get_logger
from app.web.limits import WINDOW_SECONDS

API = ("/api/", "/webhooks/")
TOO_MANY = 429
INSTALLING = ("install_refused", "state_unknown", "install_failed", "no_cookies")

log = get_logger(__name__)


def forgive_slashes(app: Flask) -> None:
    """Take an address with a slash more at its end; call it before the application has routes."""
    app.url_map.strict_slashes = False  # mail programs add a slash to a link
    # It would be led on to an address made of the request's own `Host`, without HTTPS.
    app.url_map.merge_slashes = False


def handle_errors(app: Flask) -> None:
    @app.before_request
    def refuse_nul() -> None:
        """NUL: no path of ours contains it, and PostgreSQL cannot store it."""
        if "\0" in request.path:
            abort(404)

    @app.errorhandler(AppError)
    def refused(error: AppError) -> tuple[Response, int]:
        return _answer(error.code, error.message, error.status)

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[Response, int]:
        status = error.code or 500
        key = f"http.{status}" if status in (404, 405, 413, 429) else "http.other"
        answer = _answer(error.name.lower().replace(" ", "_"), say(reader_language(), key), status)
        if status == TOO_MANY:
            answer[0].headers["Retry-After"] = str(WINDOW_SECONDS)
        return answer

    @app.errorhandler(DBAPIError)
    def database_away(error: DBAPIError) -> tuple[Response, int]:
        log.error("the database is away", error=type(error.orig).__name__)
        return _answer("database_away", say(reader_language(), "http.503"), 503)

    @app.errorhandler(NoConnectionError)
    def database_busy(_error: NoConnectionError) -> tuple[Response, int]:
        log.error("no connection to the database is free")
        return _answer("database_away", say(reader_language(), "http.503"), 503)


def _answer(code: str, message: str, status: int) -> tuple[Response, int]:
    if request.path.startswith(API):
        return jsonify(error={"code": code, "message": message}), status
    page = render_template(
        "message.html",
        language=reader_language(),
        title=say(reader_language(), "http.title"),
        sentence=message,
        way_on=_way_on(code),
    )
    return Response(page, mimetype="text/html"), status


def _way_on(code: str) -> dict[str, str] | None:
    """An installation that did not come to its end begins anew."""
    if code not in INSTALLING:
        return None
    return {"url": "/install", "words": say(reader_language(), "door.install_again")}


def reader_language() -> str:
    """What the address asks for, else the browser: nobody is known yet."""
    asked = request.args.get("lang") or request.accept_languages.best_match(["fr", "en"]) or "en"
    return supported(asked)
