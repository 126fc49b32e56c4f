"""The box of Stripe."""

from flask import request
from werkzeug.wrappers import Response

from app.accounts.connect_stripe import connect_stripe
from app.models import ColleagueSession
from app.web.auth import colleagues_only
from app.web.connections.page import blueprint, save
from app.web.runtime import runtime


@blueprint.post("/stripe")
@colleagues_only
def post_key(person: ColleagueSession) -> Response:
    key = request.form.get("key", "").strip()
    return save(
        person,
        "stripe",
        lambda language: connect_stripe(runtime(), person.tenant_id, key, language),
    )
