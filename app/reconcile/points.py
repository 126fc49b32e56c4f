"""The differences of a mail to the owner, each as a point she can do something about."""

from collections.abc import Mapping
from typing import Any, TypedDict

from app.db import ScopedSession
from app.language import say
from app.models import Tenant
from app.reconcile.differences import ABOUT_MESSAGES, Difference
from app.reconcile.telling import kept_differences
from app.reconcile.whom import whom
from app.settings import Settings


class Point(TypedDict):
    """`name`: whom it is about, "" if unknown; `label` says where `url` leads."""

    name: str
    said: str
    do: str
    label: str
    url: str


def points(
    session: ScopedSession, settings: Settings, payload: Mapping[str, Any], language: str
) -> list[Point]:
    """`payload`: as `app.reconcile.telling` keeps it."""
    return [_point(session, settings, one, language) for one in kept_differences(payload)]


def server_lines(session: ScopedSession, payload: Mapping[str, Any]) -> list[str]:
    """What whoever runs the server types: to see all of it, and to settle each message."""
    hub_id = session.get_one(Tenant, session.scope).hub_id
    numbers = [one.about for one in kept_differences(payload) if one.kind in ABOUT_MESSAGES]
    return [
        f"./propale reconcile --tenant {hub_id}",
        *(line for number in numbers for line in message_lines(number)),
    ]


def message_lines(number: str) -> list[str]:
    """To see a message, to have it tried again, to drop it."""
    return [
        f"./propale messages show {number}",
        f"./propale messages again {number}",
        f'./propale messages drop {number} --because "..."',
    ]


def _point(
    session: ScopedSession, settings: Settings, difference: Difference, language: str
) -> Point:
    about = whom(session, settings, difference, language)
    return {
        "name": about.name,
        "said": difference.said(language),
        "do": difference.advice(language),
        "label": say(language, f"reconcile.open.{about.place}"),
        "url": about.url,
    }
