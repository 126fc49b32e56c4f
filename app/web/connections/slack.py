"""The box of Slack."""

from flask import request
from werkzeug.wrappers import Response

from app.accounts.connect_slack import connect_slack
from app.models import ColleagueSession
from app.web.auth import colleagues_only
from app.web.connections.page import blueprint, save
from app.web.runtime import runtime


@blueprint.post("/slack")
@colleagues_only
def post_token(person: ColleagueSession) -> Response:
    token, channel = request.form.get("token", "").strip(), request.form.get("channel", "")
    return save(
        person,
        "slack",
        lambda language: connect_slack(runtime(), person.tenant_id, token, channel, language),
    )
