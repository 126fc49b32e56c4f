"""A tenant that left: its data stays a year, the owner hears before, the evidence is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import messages
from app.accounts import erasure
from app.accounts.connect_platform import bind_stripe
from app.audit import US
from app.db import EVERY_TENANT, Base, TenantRow
from app.models import (
    Acceptance,
    Connection,
    Deal,
    Message,
    PaidInvoice,
    Preferences,
    Proposal,
    Purchase,
    Tenant,
)
from sandbox.hubspot import tokens
from sandbox.stripe import installs, keys
from tests.support.house import FIRST, ON_BOTH_AT_LENGTH, House
from tests.workers.test_leaving import leave
from tests.workers.test_locked_out import reinstall
from workers.sweep import add_due_subjects

OWNER = "bonjour@maison.example"
YEAR = 365


def tenant(house: House) -> Tenant:
    return house.read(lambda session: session.get_one(Tenant, house.tenant_id))


def rows(house: House, table: type) -> int:
    return house.read(lambda session: len(session.scalars(select(table)).all()))


def erasure_mails(house: House) -> list[str]:
    return [m["subject"] for m in house.mails(OWNER) if "effacées" in m["subject"]]


def years_end(house: House) -> None:
    """Leave, hear of the erasure, and live to see it; no year of renewals is played."""
    leave(house)
    for _ in ("noted", "announced", "off Stripe", "erased"):
        sweep(house)
        with house.runtime.database.writing(EVERY_TENANT) as session:
            gone = update(Tenant).where(Tenant.left_at.is_not(None))
            session.execute(gone.values(erase_after=house.runtime.clock.now()))


def sweep(house: House) -> None:
    add_due_subjects(house.runtime)
    house.drain.run()


def test_departure_is_noted_and_nothing_is_erased(house: House) -> None:
    house.sent("5101")
    leave(house)
    house.pass_time(days=1)

    left = tenant(house)
    assert left.left_at is not None
    assert left.erase_after is not None
    assert left.erase_after - left.left_at == timedelta(days=YEAR)
    assert (rows(house, Proposal), erasure_mails(house)) == (1, [])


def test_data_stays_as_long_as_the_tenant_chose(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Preferences, house.tenant_id).retention_days = 60
    leave(house)
    sweep(house)

    left = tenant(house)
    assert left.left_at
    assert left.erase_after == left.left_at + timedelta(days=60)


def test_portal_that_removed_us_is_a_departure_too(house: House) -> None:
    proposal = house.sent("5101")
    tokens.uninstall(house.sandbox.world, "148111")
    house.accept(proposal)

    house.pass_time(days=1)

    assert tenant(house).left_at is not None
    assert house.connection("hubspot").status == "reconnect_needed"


def test_owner_hears_a_month_ahead_and_once(house: House) -> None:
    leave(house)
    house.pass_time(seconds=1)
    house.pass_time(days=YEAR - 31)
    before = erasure_mails(house)

    house.pass_time(days=2)
    house.pass_time(days=2)

    assert before == []
    assert len(erasure_mails(house)) == 1


def test_nothing_is_erased_before_a_month_of_notice(house: House) -> None:
    house.sent("5101")
    leave(house)
    house.pass_time(seconds=1)

    house.pass_time(days=YEAR + 40)  # nobody swept for long
    house.pass_time(days=29)

    assert len(erasure_mails(house)) == 1
    assert rows(house, Proposal) == 1


def test_what_was_accepted_is_kept_as_evidence(house: House) -> None:
    house.bought("5101")
    house.send("5102")
    before = house.proposal("5101")

    years_end(house)

    [kept] = house.read(lambda session: session.scalars(select(Proposal)).all())
    assert tenant(house).erased_at is not None
    assert (kept.number, kept.document_hash) == (before.number, before.document_hash)
    assert kept.document == before.document
    assert [rows(house, table) for table in (Acceptance, Purchase, PaidInvoice)] == [1, 1, 1]
    assert house.read(lambda session: session.scalars(select(Deal.snapshot)).all()) == [None]


@ON_BOTH_AT_LENGTH
def test_everything_else_is_erased(house: House) -> None:
    house.bought("5101")
    house.send("5102")

    years_end(house)

    assert {table.__name__: rows(house, table) for table in erasure.ERASED} == {
        table.__name__: 0 for table in erasure.ERASED
    }
    kept = house.read(lambda session: session.scalars(select(Proposal)).one())
    assert (kept.token_hash, kept.sealed_token) == (None, "")


def test_our_endpoint_leaves_the_sellers_stripe_account(house: House) -> None:
    years_end(house)

    assert house.stripe("webhook_endpoint") == []
    assert tenant(house).erased_at is not None


def test_stripe_away_puts_the_erasure_off(house: House) -> None:
    house.fail("stripe", method="DELETE", path="*/webhook_endpoints/*", status=503)
    years_end(house)
    waiting = tenant(house).erased_at

    house.retry()
    sweep(house)

    assert waiting is None
    assert tenant(house).erased_at is not None
    assert house.stripe("webhook_endpoint") == []


def test_key_that_opens_nothing_puts_nothing_off(house: House) -> None:
    keys.expire(house.sandbox.world, FIRST.stripe_key)

    years_end(house)

    assert tenant(house).erased_at is not None


def test_refused_deletion_puts_nothing_off(house: House) -> None:
    house.fail("stripe", method="DELETE", path="*/webhook_endpoints/*", status=400)

    years_end(house)

    assert tenant(house).erased_at is not None


def test_platforms_account_has_no_endpoint_to_delete(house: House) -> None:
    installs.install(house.books())
    bind_stripe(house.runtime, house.tenant_id, FIRST.stripe, "fr", who=US, confirmed=False)
    house.forget_calls()

    years_end(house)

    assert tenant(house).erased_at is not None
    assert [call for call in house.calls("stripe") if call.startswith("DELETE")] == []


def test_endpoint_stays_where_the_tenant_came_back_in_time(house: House) -> None:
    leave(house)
    with house.runtime.database.writing(house.tenant_id) as session:
        messages.add(session, "stripe.leave", "soon", payload={})
    reinstall(house)

    house.settle()

    assert house.message("stripe.leave").status == "ignored"
    assert len(house.stripe("webhook_endpoint")) == 1


def test_customers_link_opens_no_more(house: House) -> None:
    proposal = house.sent("5101")
    token = house.runtime.sealer.open(house.tenant_id, "proposal_token", proposal.sealed_token)
    client = house.app.test_client()
    before = client.get(f"/p/{token}").status_code

    years_end(house)

    assert (before, client.get(f"/p/{token}").status_code) == (200, 404)


def test_other_tenant_loses_nothing(house: House, other_house: House) -> None:
    other_house.send("5101")
    counted = {table: rows(other_house, table) for table in (*erasure.ERASED, *erasure.EVIDENCE)}

    years_end(house)

    assert tenant(other_house).left_at is None
    now = {table: rows(other_house, table) for table in counted}
    assert {t.__name__ for t in counted if now[t] < counted[t]} == set()


def test_install_before_the_day_keeps_everything(house: House) -> None:
    proposal = house.sent("5101")
    leave(house)
    house.pass_time(seconds=1)
    house.pass_time(days=YEAR - 10)

    reinstall(house)
    house.pass_time(days=60)

    assert tenant(house).erase_after is None
    assert rows(house, Preferences) == 1
    assert house.proposal("5101").number == proposal.number
    assert house.connection("stripe").status == "connected"


def test_install_after_the_day_begins_anew(house: House) -> None:
    years_end(house)

    reinstall(house)
    house.settle()

    back = tenant(house)
    assert (back.left_at, back.erased_at) == (None, None)
    assert house.connection("hubspot").status == "connected"
    assert [rows(house, table) for table in (Preferences, Connection)] == [1, 1]


def test_push_that_waits_for_a_lost_portal_is_no_dead_letter(house: House) -> None:
    proposal = house.sent("5101")
    tokens.uninstall(house.sandbox.world, "148111")
    house.accept(proposal)
    house.pass_time(days=1)

    house.pass_time(days=21)
    house.retry()

    pushes = [m for m in house.messages("hubspot.sync_deal") if m.status != "done"]
    assert {m.status for m in pushes} == {"ignored"}


def test_crash_in_the_middle_is_made_good_by_the_next_sweep(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.sent("5101")
    # So many messages at once that the erasure takes several commits.
    monkeypatch.setattr(erasure, "MESSAGES_AT_ONCE", 2)
    years_end(house)

    assert rows(house, Message) == 0
    assert tenant(house).erased_at is not None


def test_every_table_of_a_tenant_is_kept_or_erased_by_name() -> None:
    tables = {mapper.class_ for mapper in Base.registry.mappers}
    ours = {table.__name__ for table in tables if issubclass(table, TenantRow)}

    named = (*erasure.EVIDENCE, *erasure.KEPT, *erasure.ERASED)
    assert ours == {table.__name__ for table in named}
