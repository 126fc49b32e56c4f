"""The preferences at the end of the page."""

from flask import request
from werkzeug.wrappers import Response

from app.accounts.preferences import change_preferences
from app.models import ColleagueSession
from app.web.auth import colleagues_only
from app.web.connections.page import blueprint, save
from app.web.runtime import runtime


@blueprint.post("/preferences")
@colleagues_only
def change(person: ColleagueSession) -> Response:
    return save(
        person,
        "preferences",
        lambda language: change_preferences(
            runtime().database, person.tenant_id, request.form, language
        ),
    )
