"""What a colleague may do: four roles, and the rights each of them has."""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import select

from app.audit import Who, audit
from app.clock import wall_now
from app.db import ScopedSession, find_or_add
from app.errors import AppError, NotFoundError
from app.language import say
from app.models import Colleague


class Role(StrEnum):
    """A person's role in her tenant; an owner gives it."""

    OWNER = "owner"
    FINANCE = "finance"
    REP = "rep"
    READ_ONLY = "read_only"


class Right(StrEnum):
    """Something that not every colleague may do."""

    CONNECT = "connect"
    PREFER = "prefer"
    GIVE_ROLES = "give_roles"
    READ_JOURNAL = "read_journal"
    SELL = "sell"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.FINANCE: frozenset({Right.PREFER, Right.READ_JOURNAL, Right.SELL}),
    Role.REP: frozenset({Right.SELL}),
    Role.READ_ONLY: frozenset(),
}
# Whoever sees the card was let in by HubSpot's own administrators, who let her sell.
NEWCOMER = Role.REP


def meet(session: ScopedSession, user_id: int, user_email: str, address: str = "") -> Colleague:
    """The colleague HubSpot vouches for; a newcomer is a rep, which the journal tells."""
    new = Colleague(user_id=user_id, user_email=user_email, role=NEWCOMER, met_at=wall_now())
    known = find_or_add(session, lambda: _find(session, user_id), new)
    if known is new:
        who = Who.person(user_id, user_email, address)
        audit(session, who, "colleague.met", after=_told(known, NEWCOMER))
    known.user_email = user_email
    return known


def role_of(session: ScopedSession, user_id: int) -> Role:
    """Her role; a newcomer's where she was never met."""
    known = _find(session, user_id)
    return Role(known.role) if known else NEWCOMER


def may(session: ScopedSession, user_id: int, right: Right) -> bool:
    return right in RIGHTS[role_of(session, user_id)]


def refuse_unless(session: ScopedSession, user_id: int, right: Right, language: str) -> None:
    """Raise `AppError` 403, which names the roles that may, unless hers does."""
    if not may(session, user_id, right):
        raise AppError("role_refused", said_refusal(right, language), status=403)


def said_refusal(right: Right, language: str) -> str:
    """Who may do this, in one sentence that also says what to do."""
    roles = (say(language, f"people.role.{role}") for role in RIGHTS if right in RIGHTS[role])
    return say(language, f"people.refused.{right}", roles=", ".join(roles))


def give_role(
    session: ScopedSession, colleague_id: int, role: str, who: Who, language: str
) -> Colleague:
    """Give a colleague this role; raises `AppError` where nobody would be owner after it."""
    if role not in set(Role):
        raise AppError("role_unknown", say(language, "people.role_unknown"))
    # All owners are locked: two who step down at once would both see the other.
    owners = _locked_owners(session)
    known = session.get(Colleague, colleague_id)
    if known is None:
        raise NotFoundError("colleague_unknown", say(language, "people.unknown"))
    if role != Role.OWNER and owners == [known.id]:
        raise AppError("last_owner", say(language, "people.last_owner"))
    _change(session, known, role, who)
    return known


def become_owner(session: ScopedSession, user_id: int, user_email: str, who: Who) -> None:
    """Whoever installs us is an owner: HubSpot lets only its administrators do so."""
    _change(session, meet(session, user_id, user_email, who.address), Role.OWNER, who)


def _change(session: ScopedSession, known: Colleague, role: str, who: Who) -> None:
    if role == known.role:
        return
    before, after = (_told(known, one) for one in (known.role, role))
    audit(session, who, "role.given", before=before, after=after)
    known.role = role


def _told(known: Colleague, role: str) -> dict[str, str]:
    return {"colleague": f"{known.user_email} ({known.user_id})", "role": role}


def _find(session: ScopedSession, user_id: int) -> Colleague | None:
    return session.scalars(select(Colleague).where(Colleague.user_id == user_id)).first()


def _locked_owners(session: ScopedSession) -> list[int]:
    owners = select(Colleague).where(Colleague.role == Role.OWNER).order_by(Colleague.id)
    return [owner.id for owner in session.scalars(owners.with_for_update())]
