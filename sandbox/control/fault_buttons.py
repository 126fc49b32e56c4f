"""The control page's buttons for faults: the usual ones, one of one's own, Stripe's webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, request, url_for

from sandbox.control.presets import PRESETS, WEBHOOKS
from sandbox.faults import FaultError
from sandbox.stripe.deliveries import current_deliveries
from sandbox.stripe.mischief import Mischief
from sandbox.world import current_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

routes = Blueprint("control_faults", __name__)


@routes.post("/buttons/arm")
def arm() -> Response:
    """Arm one of the usual faults."""
    if request.form["preset"] not in PRESETS:
        abort(404)
    current_world().faults.arm(**PRESETS[request.form["preset"]][1])
    return redirect("/control/", 303)


@routes.post("/buttons/fault")
def arm_own() -> Response:
    """Arm a fault of a route from its n-th call on."""
    # What was typed stands in the form again: often another fault like it follows.
    back = {**request.form.to_dict(), "_anchor": "fault"}
    try:
        current_world().faults.arm(**fault_of(request.form))
    except (FaultError, ValueError) as problem:
        back["problem"] = f"Cette panne n’est pas armée\u00a0: {_words(problem)}"
    return redirect(url_for("control.control_page.page", **back), 303)  # type: ignore[arg-type]


@routes.post("/buttons/webhooks")
def disturb() -> Response:
    """Have something befall Stripe's next webhooks."""
    if request.form["webhooks"] not in WEBHOOKS:
        abort(404)
    current_deliveries().disturb(Mischief.asked(WEBHOOKS[request.form["webhooks"]][1]))
    return redirect("/control/", 303)


@routes.post("/buttons/disarm")
def disarm() -> Response:
    """Take back every armed fault, and send the webhooks that are held."""
    current_world().faults.clear()
    current_deliveries().calm()
    return redirect("/control/", 303)


def _words(problem: ValueError) -> str:
    return str(problem) if isinstance(problem, FaultError) else "un nombre est attendu."


def fault_of(form: Mapping[str, str]) -> dict[str, Any]:
    """Read the form of one's own fault; its first call is 1. Raises ValueError on no number."""
    happens, _, more = form["happens"].partition(":")
    return {
        "vendor": form["vendor"],
        "method": form.get("method") or "*",
        "path": form.get("path") or "*",
        "skip": int(form.get("call") or 1) - 1,
        "times": int(form.get("times") or 1),
        happens: {"cut": str, "garbled": bool}.get(happens, int)(more),
    }
