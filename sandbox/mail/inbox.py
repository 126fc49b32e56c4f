"""The inbox page, one message's page, its attachments, and the same as JSON."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file

from sandbox.mail.messages import attachments, described, parsed, table, with_pictures
from sandbox.world import current_world

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as Redirect

    from sandbox.store import Record

routes = Blueprint("inbox", __name__)

# Links leave the frame for a new tab; scripts and forms of a mail never run.
_FRAME_HEAD = '<base target="_blank"><meta name="color-scheme" content="light">'


@routes.get("/")
def inbox() -> str:
    """List the messages, newest first; `?to=` keeps one person's."""
    return render_template("mail/inbox.html", **_listed())


@routes.get("/list")
def inbox_list() -> str:
    """Render the list alone, for the page that is open to follow."""
    return render_template("mail/list.html", **_listed())


@routes.get("/messages.json")
def messages_json() -> dict[str, Any]:
    """List every arrival, oldest first, with everything a test needs."""
    return {"messages": [described(record) for record in table(current_world()).values()]}


@routes.get("/<number>")
def message(number: str) -> str:
    """Show one message: headers, HTML in a frame without rights, text, attachments."""
    shown = described(_record(number))
    html = with_pictures(parsed(_record(number)), shown["html"] or "")
    frame = f"{_FRAME_HEAD}{html}" if html else None
    return render_template("mail/message.html", mail={**shown, "at": _at(shown)}, frame=frame)


@routes.get("/<number>/attachments/<int:place>")
def attachment(number: str, place: int) -> Response:
    """Download one attachment under its own name."""
    found = attachments(parsed(_record(number)))
    if place >= len(found):
        abort(404)
    name, kind, content = found[place]
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)


@routes.get("/<number>/raw")
def raw(number: str) -> Response:
    """Show the bytes as they came."""
    return Response(_record(number)["raw"].encode("latin-1"), content_type="text/plain")


@routes.post("/empty")
def empty() -> Redirect:
    """Delete every message."""
    table(current_world()).clear()
    return redirect("/mail/")


def _record(number: str) -> Record:
    record = table(current_world()).get(number)
    if record is None:
        abort(404)
    return record


def _listed() -> dict[str, Any]:
    wanted = request.args.get("to", "")
    found = [described(record) for record in table(current_world()).values()]
    people = sorted({person for mail in found for person in mail["to"]})
    kept = [
        {**mail, "at": _at(mail)} for mail in reversed(found) if not wanted or wanted in mail["to"]
    ]
    return {"mails": kept, "people": people, "wanted": wanted}


def _at(mail: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(mail["at"])
