"""The control page: every switch and its state, and the buttons for time and CRM."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from sandbox.clock import ClockError
from sandbox.control.presets import BEFALLS, HAPPENINGS, PRESETS, WEBHOOKS
from sandbox.control.process_buttons import shown_processes
from sandbox.faults import METHODS, VENDORS
from sandbox.hubspot import stage_rules
from sandbox.hubspot.portals import DEAL_STAGES
from sandbox.hubspot.registration import change_secret, client_secret, restore_secret
from sandbox.hubspot.tokens import expire, expire_codes, installed_portals, uninstall
from sandbox.stripe.deliveries import current_deliveries
from sandbox.world import current_world

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

routes = Blueprint("control_page", __name__)

_STEPS = {"hour": "+1 heure", "day": "+1 jour", "week": "+1 semaine", "month": "+1 mois"}
_MONTHS = 12


@routes.get("/")
def page() -> str:
    """Show every switch and its state."""
    world = current_world()
    return render_template(
        "control/page.html",
        now=world.clock.now(),
        moved=world.clock.offset,
        steps=_STEPS,
        presets=PRESETS,
        webhooks=WEBHOOKS,
        vendors=VENDORS,
        methods=sorted({name for names in METHODS.values() for name in names}),
        happenings=HAPPENINGS,
        typed=request.args,
        armed=world.faults.listed(),
        befalls=BEFALLS,
        disturbed=current_deliveries().armed(),
        processes=shown_processes(),
        counts=world.journal.counts(),
        stages=[(stage, label) for stage, label, _ in DEAL_STAGES],
        rules=stage_rules.rules(world, "148111"),
        installed=installed_portals(world),
        secret_changed=client_secret(world) != world.settings.hubspot_client_secret,
        problem=request.args.get("problem"),
    )


@routes.post("/buttons/time")
def move_time() -> Response:
    """Move business time by an hour, a day, a week or a calendar month."""
    world = current_world()
    try:
        world.clock.advance(step_of(request.form["step"], world.clock.now()))
    except ClockError as problem:
        return redirect(url_for(".page", problem=str(problem)), 303)
    return redirect("/control/", 303)


@routes.post("/buttons/stage-rule")
def switch_stage_rule() -> Response:
    """Switch a rule on or off: to enter this stage of portal 148111 a deal needs a field."""
    rules, stage = stage_rules.rules(current_world(), "148111"), request.form["stage"]
    if rules.pop(stage, None) is None:
        rules[stage] = {"message": stage_rules.MESSAGE, "property": stage_rules.PROPERTY}
    return redirect("/control/", 303)


@routes.post("/buttons/expire-tokens")
def expire_tokens() -> Response:
    """Let a portal's access tokens, and its codes on their way, be over by now."""
    expire(current_world(), request.form["portal"])
    expire_codes(current_world(), request.form["portal"])
    return redirect("/control/", 303)


@routes.post("/buttons/secret")
def switch_secret() -> Response:
    """Change the app's client secret at HubSpot, or take the change back."""
    world = current_world()
    if client_secret(world) == world.settings.hubspot_client_secret:
        change_secret(world)
    else:
        restore_secret(world)
    return redirect("/control/", 303)


@routes.post("/buttons/uninstall")
def remove_app() -> Response:
    """Uninstall the app from a portal, as an administrator in HubSpot would."""
    uninstall(current_world(), request.form["portal"])
    return redirect("/control/", 303)


def step_of(name: str, now: datetime) -> timedelta:
    """Return how far a button moves the clock; a month ends on the same day or the last one."""
    if name == "month":
        year, month = now.year + now.month // _MONTHS, now.month % _MONTHS + 1
        day = min(now.day, calendar.monthrange(year, month)[1])
        return now.replace(year=year, month=month, day=day) - now
    return {
        "hour": timedelta(hours=1),
        "day": timedelta(days=1),
        "week": timedelta(weeks=1),
    }[name]
