"""The seller's logo and terms, from our own address: of a proposal, and as chosen today."""

from urllib.parse import quote

from flask import Blueprint
from werkzeug.wrappers import Response

from app.accounts.preferences.uploads import find_file
from app.errors import NotFoundError
from app.language import say
from app.models import ColleagueSession, Preferences, StoredFile
from app.proposals.lifecycle import ProposalStatus
from app.proposals.seller import seller_of
from app.web.auth import colleagues_only, open_to
from app.web.colleague import find_copy
from app.web.errors import reader_language
from app.web.pages import missing_page
from app.web.runtime import runtime
from app.web.visit import Visit, find_return, find_visit

blueprint = Blueprint("files", __name__)


@blueprint.get("/p/<token>/<any(logo, terms):what>")
@open_to("holder of the link")
def of_link(token: str, what: str) -> Response:
    visit = find_visit(runtime(), token)
    return (_frozen(visit, what) if visit else None) or missing_page()


@blueprint.get("/r/<token>/<any(logo, terms):what>")
@open_to("holder of the return link")
def of_return(token: str, what: str) -> Response:
    visit = find_return(runtime(), token)
    return (_frozen(visit, what) if visit else None) or missing_page()


@blueprint.get("/d/<public_id>/<any(logo, terms):what>")
@colleagues_only
def of_copy(person: ColleagueSession, public_id: str, what: str) -> Response:
    return _frozen(find_copy(person, public_id), what) or _nothing()


@blueprint.get("/preferences/<any(logo, terms_file):what>")
@colleagues_only
def of_today(person: ColleagueSession, what: str) -> Response:
    with runtime().database.reading(person.tenant_id) as session:
        sha256 = getattr(session.get_one(Preferences, person.tenant_id), what)
        found = find_file(session, sha256)
    return _file(found) if found else _nothing()


def _frozen(visit: Visit, what: str) -> Response | None:
    """What was sent; a withdrawn proposal shows no terms any more."""
    seller = seller_of(visit.proposal.document)
    if what == "terms" and visit.proposal.status == ProposalStatus.WITHDRAWN:
        return None
    with runtime().database.reading(visit.proposal.tenant_id) as session:
        found = find_file(session, seller.logo if what == "logo" else seller.terms_file)
    return _file(found) if found else None


def _file(found: StoredFile) -> Response:
    """With a policy of its own: whatever a viewer makes of it, it may load and run nothing."""
    answer = Response(found.content, mimetype=found.content_type)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if found.content_type != "image/png":
        name = f"attachment; filename=\"{found.sha256[:12]}.pdf\"; filename*=UTF-8''"
        answer.headers["Content-Disposition"] = name + quote(found.name)
    return answer


def _nothing() -> Response:
    raise NotFoundError("file_unknown", say(reader_language(), "http.404"))
