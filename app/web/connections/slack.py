"""The box of Slack."""

from flask import request
from werkzeug.wrappers import Response

from app.accounts.connect_slack import connect_slack
from app.accounts.roles import Right
from app.models import ColleagueSession
from app.web.auth import only_with, person_of
from app.web.connections.page import blueprint, save
from app.web.runtime import runtime


@blueprint.post("/slack")
@only_with(Right.CONNECT)
def post_token(person: ColleagueSession) -> Response:
    token, channel = request.form.get("token", "").strip(), request.form.get("channel", "")
    return save(
        person,
        "slack",
        lambda language: connect_slack(
            runtime(), person.tenant_id, token, channel, language, who=person_of(person)
        ),
    )
