"""Who is calling: HubSpot's signature for card calls, a session for colleagues."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import redirect, request
from sqlalchemy import select

from app.accounts.roles import Right, refuse_unless
from app.accounts.sessions import find_session
from app.audit import Who
from app.db import EVERY_TENANT, ScopedSession
from app.errors import AppError
from app.hubspot_signature import is_genuine, signed_uri
from app.language import say
from app.models import ColleagueSession, Preferences, Tenant
from app.trail import note
from app.web import cookies
from app.web.errors import reader_language
from app.web.limits import count_card_call, count_forgery
from app.web.nonces import is_ours, nonce, same_origin
from app.web.runtime import runtime

COLLEAGUE = "colleague"  # the purpose of the nonces in colleagues' forms
ID = re.compile(r"[0-9]{1,18}")  # what a column of 64 bits holds
IDENTITY = ("portalId", "userId", "userEmail", "appId")

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Caller:
    """The person using the card, as HubSpot signed it; `tenant_id` None: not installed."""

    hub_id: int
    user_id: int
    user_email: str
    tenant_id: int | None


def card_caller() -> Caller:
    """Check the signature, then read the identity; raises `AppError` 401 before anything else."""
    settings = runtime().settings
    genuine = is_genuine(
        settings.hubspot_secrets,
        request.method,
        signed_uri(settings.public_url, request.environ["RAW_URI"]),
        request.get_data(),
        timestamp=request.headers.get("X-HubSpot-Request-Timestamp", ""),
        signature=request.headers.get("X-HubSpot-Signature-v3", ""),
        now_ms=int(time.time() * 1000),
    )
    if not genuine:
        count_forgery()
        raise AppError("unsigned", "This call does not carry HubSpot's signature.", status=401)
    caller = _identity(settings.hubspot_app_id)
    count_card_call(caller.hub_id, caller.user_id)
    return caller


def _identity(app_id: str) -> Caller:
    """Read the identity that HubSpot appends to the query; a name that occurs twice is refused."""
    values = {name: request.args.getlist(name) for name in IDENTITY}
    numbers = [*values["portalId"], *values["userId"]]
    once = all(len(found) == 1 for found in values.values())
    sound = once and all(map(ID.fullmatch, numbers)) and values["userEmail"][0].isprintable()
    if not sound or values["appId"] != [app_id]:
        raise AppError("unsigned", "This call does not say who is calling.", status=401)
    hub_id = int(values["portalId"][0])
    with runtime().database.reading(EVERY_TENANT) as session:
        tenant_id = session.scalars(select(Tenant.id).where(Tenant.hub_id == hub_id)).first()
    user_id = int(values["userId"][0])
    note(tenant=tenant_id, user=user_id)
    return Caller(hub_id, user_id, values["userEmail"][0], tenant_id)


def colleague() -> ColleagueSession | None:
    """The signed-in person behind this browser, if any."""
    token = cookies.read(cookies.SESSION)
    if not token:
        return None
    with runtime().database.reading(EVERY_TENANT) as session:
        return find_session(session, token)


def colleagues_only(view: View) -> View:
    """Pass the signed-in colleague to the view; anybody else is sent to the sign-in page."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        person = colleague()
        if person is None:
            return redirect("/sign-in", 303)
        note(tenant=person.tenant_id, user=person.user_id)
        return view(person, *args, **kwargs)

    guarded.may_call = "colleague"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def only_with(right: Right) -> Callable[[View], View]:
    """Pass on only a colleague whose role has this right; another reads whom to ask (403)."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(person: ColleagueSession, *args: Any, **kwargs: Any) -> Any:
            with runtime().database.reading(person.tenant_id) as session:
                refuse_unless(session, person.user_id, right, language_of(session))
            return view(person, *args, **kwargs)

        signed_in = colleagues_only(guarded)
        signed_in.may_call = f"colleague who may {right}"  # type: ignore[attr-defined]
        return signed_in  # type: ignore[return-value]

    return guard


def language_of(session: ScopedSession) -> str:
    """The language of a tenant's colleagues."""
    return session.get_one(Preferences, session.scope).language


def person_of(session: ColleagueSession) -> Who:
    """The colleague as the audit log names her."""
    return Who.person(session.user_id, session.user_email, request.remote_addr or "")


def open_to(who: str) -> Callable[[View], View]:
    """Declare who may call a route; a test checks that every route does."""

    def mark(view: View) -> View:
        view.may_call = who  # type: ignore[attr-defined]
        return view

    return mark


def csrf_token() -> str:
    """Bound to the session: only pages we gave this browser can post."""
    return nonce(runtime().settings, COLLEAGUE, cookies.read(cookies.SESSION))


def check_csrf() -> None:
    """Raise `AppError` 403 unless the form came from a page of ours, made for this session."""
    given, session = request.form.get("csrf_token", ""), cookies.read(cookies.SESSION)
    settings = runtime().settings
    ours = is_ours(given, settings, COLLEAGUE, session)
    # No keyboard types NUL, and PostgreSQL cannot store it.
    typed = "\0" not in "".join(request.form.values())
    if not ours or not typed or not same_origin(request, settings):
        raise AppError("stale_form", say(reader_language(), "door.stale_form"), status=403)
