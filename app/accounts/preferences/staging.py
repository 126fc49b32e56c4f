"""Which stage a deal moves to when its proposal is sent, accepted or paid, for each pipeline."""

from app.accounts.preferences.form import Form
from app.accounts.stages import choose_stages, chosen_stages, kept_stages
from app.audit import Who, audit_changes
from app.db import ScopedSession

STAGED = ("sent", "accepted", "paid")
MOST_PIPELINES = 100
LONGEST_ID = 100


def field_name(pipeline_id: str, event: str) -> str:
    return f"stage.{event}.{pipeline_id}"


def save_stages(session: ScopedSession, form: Form, who: Who) -> None:
    """Save the choices sent; a stage must be of its pipeline, where the pipeline has been read."""
    before, chosen = chosen_stages(session), _chosen(session, form)
    form.finish()
    told = {field_name(*place): stage for place, stage in chosen.items()}
    known = {field_name(*place): before.get(place, "") for place in chosen}
    audit_changes(session, who, "preferences.changed", known, told)
    choose_stages(session, chosen)


def _chosen(session: ScopedSession, form: Form) -> dict[tuple[str, str], str]:
    chosen, before = {}, chosen_stages(session)
    stages: dict[str, set[str]] = {}
    for row in kept_stages(session):
        stages.setdefault(row.pipeline_id, set()).add(row.hubspot_stage_id)
    for pipeline_id in _pipelines(form):
        for event in STAGED:
            name, place = field_name(pipeline_id, event), (pipeline_id, event)
            chosen[place] = form.text(name, LONGEST_ID)
            offered = stages.get(pipeline_id, set()) if stages else {chosen[place]}
            if chosen[place] not in {"", before.get(place, ""), *offered}:
                form.refuse(name, "choice")
    return chosen


def _pipelines(form: Form) -> list[str]:
    """The pipelines of the fields sent."""
    sent = {name.split(".", 2)[2] for name in form.names("stage.") if name.count(".") > 1}
    return sorted(one for one in sent if len(one) <= LONGEST_ID)[:MOST_PIPELINES]
