"""A grant for another account than the browser's own: she keeps it, sealed, until she chose.

It lives in her form and not in a table: nobody is the owner of a row before she has chosen.
"""

import json
from dataclasses import asdict
from datetime import datetime, timedelta

from app.accounts.install import Grant
from app.clock import wall_now
from app.models import ColleagueSession
from app.seal import Sealer, SealError

HELD_FOR = timedelta(minutes=10)


def hold_grant(sealer: Sealer, person: ColleagueSession, grant: Grant) -> str:
    """The grant as text that only this session can bring back, within ten minutes."""
    until = (wall_now() + HELD_FOR).isoformat()
    held = {"grant": asdict(grant), "until": until}
    return sealer.seal(person.tenant_id, _purpose(person), json.dumps(held))


def open_held_grant(sealer: Sealer, person: ColleagueSession, text: str) -> Grant | None:
    """The grant; None if it is too old, another session's, or no grant at all."""
    try:
        held = json.loads(sealer.open(person.tenant_id, _purpose(person), text))
    except SealError:
        return None
    if datetime.fromisoformat(held["until"]) < wall_now():
        return None
    return Grant(**{**held["grant"], "scopes": tuple(held["grant"]["scopes"])})


def _purpose(person: ColleagueSession) -> str:
    return f"held_grant.{person.token_hash}"
