"""`reconcile [--repair] [--tenant HUBID]`: compare our books with Stripe's and HubSpot's.

0: no difference is left; 1: some are; 2: it was asked for wrongly.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select

from app.audit import Who
from app.bell import impatient_redis, ring_queue
from app.commands._database import get_tenant, start_on_database
from app.commands._words import Typed, number, person_here, reader_language
from app.db import EVERY_TENANT
from app.language import say
from app.models import Tenant
from app.reconcile.differences import ABOUT_MESSAGES, Difference
from app.reconcile.points import message_lines
from app.reconcile.repaired import note_repairs
from app.reconcile.tenant import Finding, reconcile_tenant
from app.reconcile.whom import whom
from app.runtime import Runtime

CLEAR_LINE = "\r\033[K"


def run(words: list[str]) -> int:
    runtime = start_on_database()
    left = reconcile(runtime, words, reader_language())
    if "--repair" in words:
        runtime.bell.ring_now(ring_queue(impatient_redis(runtime.settings.redis_url)))
    return 1 if left else 0


def reconcile(runtime: Runtime, words: Sequence[str], language: str) -> int:
    """The command in a runtime; returns how many differences are left. Raises `AppError`."""
    typed = Typed(say(language, "reconcile.usage"))
    typed.add_argument("--repair", action="store_true")
    typed.add_argument("--tenant", type=number)
    asked = typed.parse_args(words)
    if asked.tenant:
        tenants: Sequence[Tenant] = [get_tenant(runtime.database, asked.tenant, language)]
    else:
        with runtime.database.reading(EVERY_TENANT) as session:
            tenants = session.scalars(select(Tenant).order_by(Tenant.hub_id)).all()
    if not tenants:
        print(say(language, "reconcile.nobody"))
    return sum(_one(runtime, tenant, asked.repair, language) for tenant in tenants)


def _one(runtime: Runtime, tenant: Tenant, repair: bool, language: str) -> int:
    """Reconcile one tenant and print what is found; returns how many differences are left."""
    found, repaired = 0, list[Difference]()
    with _noted(runtime, tenant, repaired):
        for finding in reconcile_tenant(
            runtime, tenant.id, repair=repair, looked=_progress(tenant)
        ):
            found += 1
            if finding.repaired:
                repaired.append(finding.difference)
            _print(runtime, tenant, finding, language)
    if sys.stderr.isatty():
        print(CLEAR_LINE, end="", file=sys.stderr)
    left = found - len(repaired)
    values = {"hub_id": tenant.hub_id, "found": found, "repaired": len(repaired), "left": left}
    print(say(language, "reconcile.some" if found else "reconcile.none", **values), flush=True)
    return left


@contextmanager
def _noted(runtime: Runtime, tenant: Tenant, repaired: Sequence[Difference]) -> Iterator[None]:
    """Write into the tenant's journal what was repaired, of a run that was broken off too."""
    try:
        yield
    finally:
        with runtime.database.writing(tenant.id) as session:
            note_repairs(session, Who(f"{person_here()} (./propale)"), repaired)


def _print(runtime: Runtime, tenant: Tenant, finding: Finding, language: str) -> None:
    difference = finding.difference
    state = "repaired" if finding.repaired else "repairable" if difference.repair else "person"
    with runtime.database.reading(tenant.id) as session:
        about = whom(session, runtime.settings, difference, language)
    print("  ".join(filter(None, (str(tenant.hub_id), about.name, f"({difference.about})"))))
    print(f"    {difference.said(language)}")
    print(f"    [{say(language, f'reconcile.{state}')}] {difference.advice(language)}")
    if state == "person":
        print(f"    {about.url}")
    if difference.kind in ABOUT_MESSAGES:
        for line in message_lines(difference.about):
            print(f"    {line}")


def _progress(tenant: Tenant) -> Callable[[str, int], None]:
    """On a terminal: which book is being read, and how far."""

    def looked(book: str, pages: int) -> None:
        if sys.stderr.isatty():
            print(
                f"{CLEAR_LINE}{tenant.hub_id} {book} {pages}", end="", file=sys.stderr, flush=True
            )

    return looked
