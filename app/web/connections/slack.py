"""The box of Slack: a bot token, the channel that messages go to, the channels there are."""

from flask import request
from werkzeug.wrappers import Response

from app.accounts.channels import CHANNELS
from app.accounts.choose_channel import choose_channel
from app.accounts.connect_slack import connect_slack
from app.accounts.leave_slack import leave_slack
from app.accounts.roles import Right
from app.models import ColleagueSession
from app.seal import SealError
from app.web.auth import only_with, person_of
from app.web.connections.page import blueprint, save
from app.web.runtime import runtime

TYPED_TOKEN = "slack.typed_token"  # noqa: S105  what the token is sealed for


@blueprint.post("/slack")
@only_with(Right.CONNECT)
def post_token(person: ColleagueSession) -> Response:
    """Connect with the token; one that is not taken goes back in the page sealed."""
    token = request.form.get("token", "").strip() or _kept_token(person)
    sealed = runtime().sealer.seal(person.tenant_id, TYPED_TOKEN, token) if token else ""
    return save(
        person,
        "slack",
        lambda language: connect_slack(
            runtime(), person.tenant_id, token, language, who=person_of(person)
        ),
        typed={"sealed_token": sealed},
    )


@blueprint.post("/slack/channel")
@only_with(Right.CONNECT)
def post_channel(person: ColleagueSession) -> Response:
    wanted = request.form.get("channel", "").strip()
    return save(
        person,
        "slack_channel",
        lambda language: choose_channel(
            runtime(), person.tenant_id, wanted, language, who=person_of(person)
        ),
    )


@blueprint.post("/slack/channels")
@only_with(Right.CONNECT)
def read_channels(person: ColleagueSession) -> Response:
    """Have the channels read again; a worker does it, and the page shows what it found."""
    return save(
        person,
        "slack_channels",
        lambda _language: CHANNELS.ask_again(runtime().database, person.tenant_id),
    )


@blueprint.post("/slack/disconnect")
@only_with(Right.CONNECT)
def leave(person: ColleagueSession) -> Response:
    """Give the token back and forget it; a worker does it."""
    return save(
        person,
        "slack_disconnect",
        lambda _language: leave_slack(runtime().database, person.tenant_id, person_of(person)),
    )


def _kept_token(person: ColleagueSession) -> str:
    sealed = request.form.get("sealed_token", "")
    try:
        return runtime().sealer.open(person.tenant_id, TYPED_TOKEN, sealed)
    except SealError:
        return ""
