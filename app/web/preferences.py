"""The preferences page: one form for each section, each saved alone."""

from collections.abc import Callable, Iterable, Mapping

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.channels import kept_channels, lost_channels
from app.accounts.connections import find_connection
from app.accounts.notices import IN_SLACK, all_rules
from app.accounts.preferences.chosen import chosen_zone
from app.accounts.preferences.form import FormError
from app.accounts.preferences.sections import SECTIONS, save_section, time_zones
from app.accounts.preferences.uploads import (
    LARGEST_LOGO,
    LARGEST_TERMS,
    Upload,
    change_logo,
    change_terms_file,
    remove_file,
    too_large,
)
from app.accounts.roles import Right, may, said_refusal
from app.accounts.stages import STAGES, chosen_stages, kept_stages
from app.accounts.stripe_standing import lacking_methods
from app.audit import Who
from app.errors import NotFoundError
from app.language import say
from app.methods import METHODS
from app.models import ColleagueSession, PortalStage, Preferences, Tenant
from app.money import LISTED_CURRENCIES
from app.web.auth import check_csrf, colleagues_only, csrf_token, only_with, person_of
from app.web.errors import reader_language
from app.web.looked import not_for_a_look
from app.web.runtime import runtime
from app.wording.figures import moment

blueprint = Blueprint("preferences", __name__, url_prefix="/preferences")
FORM_AROUND = 64 * 1024
# What is sent as a file: who takes it, in which section it stands, its most bytes.
UPLOADS = {
    "logo": (change_logo, "look", LARGEST_LOGO),
    "terms_file": (change_terms_file, "terms", LARGEST_TERMS),
}


@blueprint.get("")
@colleagues_only
@not_for_a_look
def show(person: ColleagueSession) -> Response:
    STAGES.ask_when_old(runtime().database, person.tenant_id)
    return _page(person, saved=request.args.get("saved", ""))


@blueprint.post("/<section>")
@only_with(Right.PREFER)
def save(person: ColleagueSession, section: str) -> BaseResponse:
    """Save one section; on an error show the page again with its sentences and what was typed."""
    if section not in SECTIONS:
        raise NotFoundError("section_unknown", say(reader_language(), "http.404"))
    return _change(
        person,
        section,
        lambda language, who: save_section(
            runtime().database, person.tenant_id, section, request.form, language, who=who
        ),
    )


@blueprint.post("/<any(logo, terms_file):what>")
@only_with(Right.PREFER)
def upload(person: ColleagueSession, what: str) -> BaseResponse:
    """Keep the file sent, or none from now on; a larger body is refused before it is read."""
    change, section, largest = UPLOADS[what]
    request.max_content_length = largest + FORM_AROUND
    database, tenant_id = runtime().database, person.tenant_id

    def act(language: str, who: Who) -> None:
        if "remove" in request.form:
            remove_file(database, tenant_id, what, who=who)
            return
        sent = request.files.get("file")
        given = Upload(sent.filename or "", sent.read()) if sent else Upload("", b"")
        change(database, tenant_id, given, language, who=who)

    try:
        return _change(person, section, act)
    except RequestEntityTooLarge:
        error = too_large(what, _kept(person)[0].language)
        return _page(person, failed=section, errors=error.sentences, status=error.status)


def _change(
    person: ColleagueSession, section: str, change: Callable[[str, Who], None]
) -> BaseResponse:
    check_csrf()
    try:
        change(_kept(person)[0].language, person_of(person))
    except FormError as error:
        return _page(
            person,
            failed=section,
            errors=error.sentences,
            typed=request.form,
            status=error.status,
        )
    return redirect(f"/preferences?saved={section}#{section}", 303)


def _page(
    person: ColleagueSession,
    *,
    saved: str = "",
    failed: str = "",
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    kept, may_change = _kept(person)
    with runtime().database.reading(person.tenant_id) as session:
        known, chosen = kept_stages(session), chosen_stages(session)
        zone = chosen_zone(session)
        tenant = session.get_one(Tenant, person.tenant_id)
        rules = all_rules(session)
        switched_off = lacking_methods(find_connection(session, "stripe"))
        channels = [channel for channel in kept_channels(session) if channel.is_member]
        lost = {row.slack_channel_id: f"#{row.name}" for row in lost_channels(session)}
    page = render_template(
        "preferences/page.html",
        kept=kept,
        zones=_with_portals("portal_zone", tenant.time_zone, time_zones(), kept.language),
        currencies=_with_portals(
            "portal_currency", tenant.currency, LISTED_CURRENCIES, kept.language
        ),
        every_method=METHODS,
        switched_off=switched_off,
        rules=rules,
        in_slack=IN_SLACK,
        channels=channels,
        lost_channels=lost,
        pipelines=_pipelines(known, chosen, kept.language),
        chosen_stages=chosen,
        stages_read_at=moment(known[0].read_at.astimezone(zone), kept.language) if known else None,
        csrf_token=csrf_token(),
        errors=errors or {},
        typed=typed or {},
        failed=failed,
        saved=saved,
        language=kept.language,
        may_change=may_change,
        who_may=said_refusal(Right.PREFER, kept.language),
    )
    return Response(page, status=status)


def _pipelines(
    known: Iterable[PortalStage], chosen: Iterable[tuple[str, str]], language: str
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(Pipeline, its label) -> its stages, in the portal's order; then those that are unread."""
    pipelines: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for stage in known:
        place = (stage.pipeline_id, stage.pipeline_label)
        pipelines.setdefault(place, []).append((stage.hubspot_stage_id, stage.label))
    read = {pipeline_id for pipeline_id, _ in pipelines}
    unread = sorted({pipeline_id for pipeline_id, _ in chosen} - read)
    nameless = say(language, "preferences.every_pipeline")
    return pipelines | {(pipeline_id, pipeline_id or nameless): [] for pipeline_id in unread}


def _with_portals(
    key: str, portals: str, names: Iterable[str], language: str
) -> list[tuple[str, str]]:
    """The choices of a list whose first is what the portal says."""
    shown = portals or say(language, "preferences.nothing")
    first = say(language, f"preferences.{key}", name=shown)
    return [("", first), *((name, name) for name in names)]


def _kept(person: ColleagueSession) -> tuple[Preferences, bool]:
    """What is kept, and whether this person may change it."""
    with runtime().database.reading(person.tenant_id) as session:
        kept = session.get_one(Preferences, person.tenant_id)
        return kept, may(session, person.user_id, Right.PREFER)
