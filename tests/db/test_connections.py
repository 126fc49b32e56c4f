"""Connections and doors: told once when lost, one-time links, bound to their browser."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app import messages
from app.accounts.connections import (
    begin_connection,
    connected,
    find_connection,
    get_connection,
    need_reconnect,
    open_secrets,
)
from app.accounts.install import Grant, begin_install, install_tenant, take_state
from app.accounts.preferences.sections import save_section
from app.accounts.sessions import (
    find_session,
    make_sign_in_link,
    open_session,
    take_sign_in_link,
)
from app.audit import US
from app.bell import Bell
from app.clock import Clock, wall_now
from app.db import EVERY_TENANT
from app.errors import ConflictError
from app.models import (
    ColleagueSession,
    Connection,
    InstallState,
    Message,
    Preferences,
    SignInLink,
    Tenant,
)
from app.providers.hubspot.authorize import SCOPES
from app.reasons import Reason
from app.runtime import Runtime
from app.seal import SealError
from tests.db.racing import together
from tests.factories import SEALER, make_connection, make_tenant

if TYPE_CHECKING:
    from app.db import Database
    from app.settings import Settings


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


@pytest.fixture
def runtime(settings: Settings, database: Database) -> Runtime:
    return Runtime(settings, database, Clock(), SEALER, Bell(settings.redis_url))


def grant(hub_id: int = 148111, access: str = "at-1") -> Grant:
    return Grant(
        hub_id,
        access,
        "rt-1",
        1800,
        "EUR",
        "Europe/Paris",
        test_account=True,
        user_id=7001,
        user_email="dana@maison.example",
        scopes=SCOPES,
    )


def lose(database: Database, tenant: Tenant) -> None:
    with database.writing(tenant.id) as session:
        need_reconnect(session, "stripe", Reason("stripe.invalid_api_key", vendor="stripe"))


def mails(database: Database, tenant: Tenant) -> int:
    with database.reading(tenant.id) as session:
        return len(session.scalars(select(Message)).all())


def test_lost_connection_is_shown_and_told_once(database: Database, tenant: Tenant) -> None:
    make_connection(database, tenant, "stripe", {"key": "rk"})

    for _ in range(3):
        lose(database, tenant)

    with database.reading(tenant.id) as session:
        connection = find_connection(session, "stripe")
        assert connection is not None
        assert (connection.status, connection.problem) == (
            "reconnect_needed",
            "Stripe refuse cette clé\u00a0: elle est incomplète ou révoquée.",
        )
    assert mails(database, tenant) == 1


def test_connection_lost_by_many_at_once_is_told_once(database: Database, tenant: Tenant) -> None:
    make_connection(database, tenant, "stripe", {"key": "rk"})

    together(database, *[lambda: lose(database, tenant)] * 4)

    assert mails(database, tenant) == 1


def test_connection_lost_again_is_told_again(database: Database, tenant: Tenant) -> None:
    connection = make_connection(database, tenant, "stripe", {"key": "rk"})
    lose(database, tenant)
    with database.writing(tenant.id) as session:
        row = session.get_one(Connection, connection.id)
        row.refreshed += 1
        connected(session, row)

    lose(database, tenant)

    assert mails(database, tenant) == 2


def test_nothing_is_lost_where_nothing_was_connected(database: Database, tenant: Tenant) -> None:
    lose(database, tenant)

    assert mails(database, tenant) == 0


def test_new_connection_wakes_what_waited_for_it(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)
    connection = make_connection(database, tenant, "stripe", {"key": "rk"})
    for who in (tenant, other):
        put_off(database, who, "stripe.open_page", waits_for="stripe")
        put_off(database, who, "email.invoice_paid", waits_for="stripe")
        put_off(database, who, "slack.paid", waits_for="slack")
        put_off(database, who, "stripe.start_billing")

    with database.writing(tenant.id) as session:
        connected(session, session.get_one(Connection, connection.id))

    due = messages.claim(database, 10, wall_now() + timedelta(seconds=5))
    woken = {(tenant.id, "stripe.open_page"), (tenant.id, "email.invoice_paid")}
    assert {(found.tenant_id, found.kind) for found in due} == woken


def put_off(database: Database, tenant: Tenant, kind: str, waits_for: str = "") -> None:
    """Let a try of this kind have failed; the next one is in an hour."""
    with database.writing(tenant.id) as session:
        messages.add(session, kind, "1", payload={})
    [held] = messages.claim(database, 1)
    with database.writing(tenant.id) as session:
        hour = timedelta(hours=1)
        messages.reschedule(
            session, held, hour, "refused", failing_since=wall_now(), waits_for=waits_for
        )


def test_message_tried_again_waits_for_nobody(database: Database, tenant: Tenant) -> None:
    put_off(database, tenant, "slack.paid", waits_for="slack")
    [held] = messages.claim(database, 1, wall_now() + timedelta(hours=2))

    with database.writing(tenant.id) as session:
        messages.reschedule(session, held, timedelta(hours=1), "away", failing_since=wall_now())

    with database.reading(tenant.id) as session:
        assert session.scalars(select(Message.waits_for)).one() == ""


def test_unconnected_vendor_is_a_conflict(database: Database, tenant: Tenant) -> None:
    with database.writing(tenant.id) as session:
        begin_connection(session, "slack")

    with database.reading(tenant.id) as session, pytest.raises(ConflictError):
        get_connection(session, "slack")


def test_secrets_open_for_their_own_connection_only(database: Database, tenant: Tenant) -> None:
    connection = make_connection(database, tenant, "stripe", {"key": "rk_test_1"})

    assert "rk_test_1" not in connection.sealed
    assert open_secrets(SEALER, connection) == {"key": "rk_test_1"}
    connection.provider = "slack"
    with pytest.raises(SealError):
        open_secrets(SEALER, connection)


def begun(database: Database, browser: str = "browser") -> str:
    with database.writing(EVERY_TENANT) as session:
        return begin_install(session, browser)


def take(database: Database, state: str, browser: str = "browser") -> bool:
    with database.writing(EVERY_TENANT) as session:
        return take_state(session, state, browser)


def test_state_is_good_once(database: Database) -> None:
    state = begun(database)

    assert [take(database, state), take(database, state)] == [True, False]


def test_state_taken_at_once_is_good_once(database: Database) -> None:
    state = begun(database)

    results = together(database, *[lambda: take(database, state)] * 4)

    assert results.count(True) == 1


def test_state_of_another_browser_is_refused_and_spent(database: Database) -> None:
    state = begun(database)

    assert take(database, state, "another") is False
    assert take(database, state) is False


@pytest.mark.parametrize("state", ["", "unknown"])
def test_unknown_state_is_refused(database: Database, state: str) -> None:
    assert take(database, state) is False


def test_old_state_is_refused_and_swept(database: Database) -> None:
    state = begun(database)
    age(database, InstallState, timedelta(minutes=10))

    assert take(database, state) is False
    begun(database)
    age(database, InstallState, timedelta(minutes=10))
    begun(database)
    with database.reading(EVERY_TENANT) as session:
        assert len(session.scalars(select(InstallState)).all()) == 1


def age(database: Database, table: type[Any], life: timedelta) -> None:
    """Let the life of every row of this kind have just ended."""
    with database.writing(EVERY_TENANT) as session:
        for row in session.scalars(select(table)):
            row.expires_at -= life


def test_sign_in_link_opens_once(database: Database, tenant: Tenant) -> None:
    token = link(database, tenant)

    assert [follow(database, token), follow(database, token)] == [7001, None]


def test_sign_in_link_followed_at_once_opens_once(database: Database, tenant: Tenant) -> None:
    token = link(database, tenant)

    results = together(database, *[lambda: follow(database, token)] * 4)

    assert results.count(7001) == 1


def test_sign_in_link_lives_a_minute(database: Database, tenant: Tenant) -> None:
    token = link(database, tenant)
    with database.reading(tenant.id) as session:
        life = session.scalars(select(SignInLink.expires_at)).one() - wall_now()
    assert timedelta(seconds=50) < life <= timedelta(seconds=60)

    age(database, SignInLink, timedelta(seconds=60))

    assert follow(database, token) is None


def test_unknown_sign_in_link_opens_nothing(database: Database, tenant: Tenant) -> None:
    token = link(database, tenant)

    assert follow(database, token[:-1]) is None
    assert follow(database, "") is None


def link(database: Database, tenant: Tenant) -> str:
    with database.writing(tenant.id) as session:
        return make_sign_in_link(session, 7001, "dana@maison.example")


def follow(database: Database, token: str) -> int | None:
    with database.writing(EVERY_TENANT) as session:
        found = take_sign_in_link(session, token)
        return found.user_id if found else None


def test_session_is_found_until_it_ends(database: Database, tenant: Tenant) -> None:
    with database.writing(tenant.id) as session:
        cookie = open_session(session, tenant.id, 7001, "dana@maison.example", "")

    with database.reading(EVERY_TENANT) as session:
        found = find_session(session, cookie)
        assert found is not None
        assert (found.tenant_id, found.user_id) == (tenant.id, 7001)
        assert find_session(session, cookie + "x") is None
    age(database, ColleagueSession, timedelta(hours=12))
    with database.reading(EVERY_TENANT) as session:
        assert find_session(session, cookie) is None


def test_install_makes_a_tenant_ready_for_its_first_messages(
    database: Database, runtime: Runtime
) -> None:
    tenant_id = install_tenant(runtime, grant())

    with database.reading(tenant_id) as session:
        tenant = session.get_one(Tenant, tenant_id)
        connection = get_connection(session, "hubspot")
        kinds = session.scalars(select(Message.kind).order_by(Message.id)).all()
        assert session.get(Preferences, tenant_id) is not None
    assert (tenant.hub_id, tenant.currency, tenant.test_account) == (148111, "EUR", True)
    assert (connection.status, connection.account_id) == ("connected", "148111")
    assert open_secrets(SEALER, connection) == {"access_token": "at-1", "refresh_token": "rt-1"}
    assert kinds == ["hubspot.create_properties", "hubspot.read_stages"]


def test_second_install_keeps_the_tenant_and_its_choices(
    database: Database, runtime: Runtime
) -> None:
    tenant_id = install_tenant(runtime, grant())
    save_section(database, tenant_id, "seller", {"seller_name": "Maison"}, "fr", who=US)

    assert install_tenant(runtime, grant(access="at-2")) == tenant_id

    with database.reading(tenant_id) as session:
        assert session.get_one(Preferences, tenant_id).seller_name == "Maison"
        secrets = open_secrets(SEALER, get_connection(session, "hubspot"))
        assert len(session.scalars(select(Message)).all()) == 2 * 2
    assert secrets["access_token"] == "at-2"
