"""How a call reached us: asked by the doctor through the public address, signed as the card's."""

from flask import Blueprint, Response, jsonify, request

from app.web.auth import card_caller, open_to
from app.web.runtime import runtime

blueprint = Blueprint("reached", __name__)


@blueprint.get("/api/card/reached")
@open_to("signed card")
def show_way() -> Response:
    """The visitor's address as we take it, by which number of proxies, and what they passed on."""
    card_caller()
    listed = ",".join(request.headers.getlist("X-Forwarded-For")).split(",")
    return jsonify(
        taken=request.remote_addr,
        trusted=runtime().settings.trusted_proxies,
        passed=[one.strip() for one in listed if one.strip()],
    )
