"""The box of HubSpot."""

from flask import request
from werkzeug.wrappers import Response

from app.accounts.leaving import leave_hubspot
from app.accounts.roles import Right
from app.accounts.stages import STAGES
from app.models import ColleagueSession
from app.web.auth import only_with, person_of
from app.web.connections.page import blueprint, save
from app.web.runtime import runtime


@blueprint.post("/stages")
@only_with(Right.CONNECT)
def read_stages(person: ColleagueSession) -> Response:
    """Have the deal stages read again; a worker does it, and the page shows what it found."""
    return save(
        person, "stages", lambda _language: STAGES.ask_again(runtime().database, person.tenant_id)
    )


@blueprint.post("/hubspot/disconnect")
@only_with(Right.CONNECT)
def disconnect(person: ColleagueSession) -> Response:
    """Uninstall us from the portal, once she has said that she is sure."""
    sure = request.form.get("sure") == "yes"
    return save(
        person,
        "hubspot",
        lambda language: leave_hubspot(
            runtime().database, person.tenant_id, person_of(person), language, sure=sure
        ),
    )
