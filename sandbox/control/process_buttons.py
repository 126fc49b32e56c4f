"""The demo's processes on the control page: who runs, and `kill -9` for web and worker.

The demo's supervisor writes who runs and reads whom to kill (`sandbox.supervisor`): the sandbox is
one of its children and touches no process itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template, request

from sandbox.supervisor import REVIVED, Notices
from sandbox.world import current_world

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

routes = Blueprint("control_processes", __name__)


@routes.get("/processes")
def processes() -> str:
    """Show who runs, for the page that is open to follow."""
    return render_template("control/processes.html", processes=shown_processes())


@routes.post("/buttons/kill")
def kill() -> Response:
    """Ask the supervisor to kill web or worker with SIGKILL."""
    if request.form["process"] not in REVIVED:
        abort(404)
    _notices().ask_kill(request.form["process"])
    return redirect("/control/", 303)


def shown_processes() -> list[dict[str, Any]]:
    """List web and worker with pid, start and deaths; nothing when nobody supervises them."""
    return [
        {**row, "name": name, "since": datetime.fromtimestamp(row["since"], UTC)}
        for name, row in _notices().read().items()
    ]


def _notices() -> Notices:
    return Notices(current_world().settings.data_dir)
