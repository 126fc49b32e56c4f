"""The box of Stripe: a key, a look whether it still does, a new address for its events."""

from flask import request
from werkzeug.wrappers import Response

from app.accounts.check_stripe import check_stripe, mend_stripe_endpoint
from app.accounts.connect_stripe import connect_stripe
from app.accounts.roles import Right
from app.models import ColleagueSession
from app.seal import SealError
from app.web.auth import only_with, person_of
from app.web.connections.page import blueprint, save
from app.web.runtime import runtime

TYPED_KEY = "stripe.typed_key"


@blueprint.post("/stripe")
@only_with(Right.CONNECT)
def post_key(person: ColleagueSession) -> Response:
    """Connect with the key; one that is not taken goes back in the page sealed, never in clear."""
    key = request.form.get("key", "").strip() or _kept_key(person)
    sealed = runtime().sealer.seal(person.tenant_id, TYPED_KEY, key) if key else ""
    confirmed = "confirmed" in request.form
    return save(
        person,
        "stripe",
        lambda language: connect_stripe(
            runtime(),
            person.tenant_id,
            key,
            language,
            who=person_of(person),
            confirmed=confirmed,
        ),
        typed={"sealed_key": sealed},
    )


@blueprint.post("/stripe/check")
@only_with(Right.CONNECT)
def check(person: ColleagueSession) -> Response:
    """Ask Stripe again what the key may do and whether events are sent."""
    return save(
        person,
        "stripe_check",
        lambda language: check_stripe(runtime(), person.tenant_id, language),
    )


@blueprint.post("/stripe/endpoint")
@only_with(Right.CONNECT)
def mend(person: ColleagueSession) -> Response:
    """Put a new webhook endpoint in the place of ours."""
    return save(
        person,
        "stripe_endpoint",
        lambda language: mend_stripe_endpoint(
            runtime(), person.tenant_id, language, person_of(person)
        ),
    )


def _kept_key(person: ColleagueSession) -> str:
    sealed = request.form.get("sealed_key", "")
    try:
        return runtime().sealer.open(person.tenant_id, TYPED_KEY, sealed)
    except SealError:
        return ""
