"""A grant for another account than the browser's own: she keeps it, sealed, until she chose.

It lives in her form and not in a table: nobody is the owner of a row before she has chosen. Only
that the choice is still open is a row, a `state` as of the way to HubSpot: good once, for as long.
"""

import json
from dataclasses import asdict

from app.accounts.install import Grant, begin_install, take_state
from app.db import EVERY_TENANT
from app.models import ColleagueSession
from app.runtime import Runtime
from app.seal import SealError


def hold_grant(runtime: Runtime, person: ColleagueSession, grant: Grant) -> str:
    """The grant as text that only this session can bring back, once, within ten minutes."""
    with runtime.database.writing(EVERY_TENANT) as session:
        state = begin_install(session, _purpose(person))
    held = {"grant": asdict(grant), "state": state}
    return runtime.sealer.seal(person.tenant_id, _purpose(person), json.dumps(held))


def take_held_grant(runtime: Runtime, person: ColleagueSession, text: str) -> Grant | None:
    """Take the grant; None if it is used, too old, another session's, or no grant at all."""
    try:
        held = json.loads(runtime.sealer.open(person.tenant_id, _purpose(person), text))
    except SealError:
        return None
    with runtime.database.writing(EVERY_TENANT) as session:
        if not take_state(session, held["state"], _purpose(person)):
            return None
    return Grant(**{**held["grant"], "scopes": tuple(held["grant"]["scopes"])})


def _purpose(person: ColleagueSession) -> str:
    return f"held_grant.{person.token_hash}"
