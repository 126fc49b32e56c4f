"""/oauth/authorize: what the app asks for, which account, approve or refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request

from sandbox.hubspot.portals import PORTALS
from sandbox.hubspot.registration import registration
from sandbox.hubspot.tokens import make_code
from sandbox.world import current_world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as Redirect

routes = Blueprint("hubspot_authorize", __name__)


class AuthorizeError(Exception):
    """HubSpot shows its own page instead of sending the person anywhere."""


@routes.errorhandler(AuthorizeError)
def refuse(problem: AuthorizeError) -> Response:
    return Response(render_template("hubspot/authorize_error.html", problem=problem), 400)


@routes.get("/oauth/authorize")
def authorize() -> str:
    """Show the request; wrong client, address or scopes are refused with a page of our own."""
    scopes = _checked(request.args)
    return render_template(
        "hubspot/authorize.html",
        app_name="Propale",
        scopes=scopes,
        portals=PORTALS.values(),
        asked=request.args,
    )


@routes.post("/oauth/authorize")
def decide() -> Redirect:
    """Send the person back with a one-time code, or with access_denied; the state is kept."""
    scopes = _checked(request.form)
    back = request.form["redirect_uri"]
    answer = {"state": request.form["state"]} if request.form.get("state") else {}
    if request.form.get("decision") != "approve":
        refusal = {"error": "access_denied", "error_description": "The user refused"}
        return redirect(f"{back}?{urlencode({**refusal, **answer})}")
    portal, user = (int(part) for part in request.form["account"].split("/"))
    if not PORTALS[portal].user(user).installs:
        raise AuthorizeError(
            "Votre rôle dans ce compte ne permet pas d’installer une application\u00a0: "
            "demandez à un super administrateur."
        )
    code = make_code(
        current_world(),
        portal=str(portal),
        user=user,
        scopes=scopes,
        redirect=back,
        challenge=request.form.get("code_challenge", ""),
    )
    return redirect(f"{back}?{urlencode({'code': code, **answer})}")


def _checked(asked: Mapping[str, str]) -> list[str]:
    app = registration(current_world().settings)
    if asked.get("client_id") != app.client_id:
        raise AuthorizeError("Aucune application ne porte cet identifiant (client_id).")
    if asked.get("code_challenge") and asked.get("code_challenge_method") != "S256":
        raise AuthorizeError("Le défi (code_challenge) doit être de la forme S256.")
    if asked.get("redirect_uri") not in app.redirect_urls:
        raise AuthorizeError("L’adresse de retour (redirect_uri) n’est pas celle de l’application.")
    scopes = set(asked.get("scope", "").split())
    optional = set(asked.get("optional_scope", "").split())
    if scopes != app.required_scopes or not optional <= app.optional_scopes:
        raise AuthorizeError("Les autorisations demandées (scope) ne sont pas celles déclarées.")
    return sorted(scopes | optional)
