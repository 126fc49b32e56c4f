"""Roles and the audit log: who may do what, and an entry that nobody changes."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.roles import Right, Role, become_owner, give_role, may, meet, refuse_unless
from app.audit import PAGE, US, Who, audit, audit_changes, csv_lines, list_entries
from app.clock import wall_now
from app.errors import AppError
from app.models import AuditEntry, Colleague, Tenant
from tests.db.racing import failures, together
from tests.factories import make_tenant

if TYPE_CHECKING:
    from app.db import Database

DANA = Who.person(7001, "dana@maison.example", "192.0.2.7")
RENE = Who.person(7002, "rene@maison.example", "192.0.2.8")
MAY = {
    Role.OWNER: set(Right),
    Role.FINANCE: {Right.PREFER, Right.READ_JOURNAL, Right.SELL},
    Role.REP: {Right.SELL},
    Role.READ_ONLY: set(),
}


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


def add_colleague(database: Database, tenant: Tenant, user_id: int, role: Role) -> int:
    with database.writing(tenant.id) as session:
        email = f"{user_id}@maison.example"
        known = Colleague(user_id=user_id, user_email=email, role=role, met_at=wall_now())
        session.add(known)
        session.flush()
        return known.id


def roles(database: Database, tenant: Tenant) -> dict[int, str]:
    with database.reading(tenant.id) as session:
        return {one.user_id: one.role for one in session.scalars(select(Colleague))}


def entries(database: Database, tenant: Tenant) -> list[AuditEntry]:
    with database.reading(tenant.id) as session:
        return list(list_entries(session))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("right", list(Right))
def test_role_has_its_rights_and_no_other(
    database: Database, tenant: Tenant, role: Role, right: Right
) -> None:
    add_colleague(database, tenant, 7002, role)

    with database.reading(tenant.id) as session:
        assert may(session, 7002, right) is (right in MAY[role])


def test_newcomer_is_a_rep_and_is_met_once(database: Database, tenant: Tenant) -> None:
    for email in ("rene@maison.example", "rene.dupont@maison.example"):
        with database.writing(tenant.id) as session:
            meet(session, 7002, email)

    with database.reading(tenant.id) as session:
        [known] = session.scalars(select(Colleague)).all()
    assert (known.role, known.user_email) == ("rep", "rene.dupont@maison.example")


def test_two_tenants_give_one_person_two_roles(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)
    add_colleague(database, tenant, 7001, Role.OWNER)
    add_colleague(database, other, 7001, Role.READ_ONLY)

    assert roles(database, tenant) == {7001: "owner"}
    assert roles(database, other) == {7001: "read_only"}


def test_refusal_names_the_roles_that_may(database: Database, tenant: Tenant) -> None:
    with database.reading(tenant.id) as session, pytest.raises(AppError) as refused:
        refuse_unless(session, 7002, Right.PREFER, "en")

    assert refused.value.status == 403
    assert refused.value.message == "Changing preferences is for: Owner, Finance. Ask an owner."


def test_given_role_counts_and_is_written_down(database: Database, tenant: Tenant) -> None:
    colleague_id = add_colleague(database, tenant, 7002, Role.REP)

    with database.writing(tenant.id) as session:
        give_role(session, colleague_id, "finance", DANA, "fr")

    assert roles(database, tenant) == {7002: "finance"}
    [entry] = entries(database, tenant)
    assert (entry.what, entry.who, entry.address) == (
        "role.given",
        "dana@maison.example (7001)",
        "192.0.2.7",
    )
    assert (entry.before["role"], entry.after["role"]) == ("rep", "finance")


@pytest.mark.parametrize("role", ["boss", "", "OWNER"])
def test_unknown_role_changes_nothing(database: Database, tenant: Tenant, role: str) -> None:
    colleague_id = add_colleague(database, tenant, 7002, Role.REP)

    with pytest.raises(AppError, match="rôles"), database.writing(tenant.id) as session:
        give_role(session, colleague_id, role, DANA, "fr")

    assert roles(database, tenant) == {7002: "rep"}
    assert entries(database, tenant) == []


def test_last_owner_stays_owner(database: Database, tenant: Tenant) -> None:
    colleague_id = add_colleague(database, tenant, 7001, Role.OWNER)

    with pytest.raises(AppError, match="dernier"), database.writing(tenant.id) as session:
        give_role(session, colleague_id, "rep", DANA, "fr")

    assert roles(database, tenant) == {7001: "owner"}


def test_colleague_of_another_tenant_is_unknown(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)
    theirs = add_colleague(database, other, 7002, Role.REP)

    with pytest.raises(AppError) as refused, database.writing(tenant.id) as session:
        give_role(session, theirs, "owner", DANA, "fr")

    assert refused.value.status == 404
    assert roles(database, other) == {7002: "rep"}


def test_two_owners_who_step_down_at_once_leave_one(database: Database, tenant: Tenant) -> None:
    both = [add_colleague(database, tenant, user, Role.OWNER) for user in (7001, 7002)]

    def step_down(colleague_id: int) -> None:
        with database.writing(tenant.id) as session:
            give_role(session, colleague_id, "rep", DANA, "fr")

    results = together(database, *(partial(step_down, one) for one in both))

    [refused] = failures(results)
    assert isinstance(refused, AppError)
    assert refused.code == "last_owner"
    assert sorted(roles(database, tenant).values()) == ["owner", "rep"]


def test_installer_becomes_owner_whatever_she_was(database: Database, tenant: Tenant) -> None:
    add_colleague(database, tenant, 7002, Role.READ_ONLY)

    with database.writing(tenant.id) as session:
        become_owner(session, 7002, "rene@maison.example", RENE)
        become_owner(session, 7002, "rene@maison.example", RENE)

    assert roles(database, tenant) == {7002: "owner"}
    [entry] = entries(database, tenant)
    assert (entry.what, entry.who) == ("role.given", RENE.name)
    assert (entry.before["role"], entry.after["role"]) == ("read_only", "owner")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET who = 'nobody'",
        "UPDATE audit_entries SET address = '' WHERE id = 1",
        "DELETE FROM audit_entries",
    ],
)
def test_database_refuses_to_change_an_entry(
    database: Database, tenant: Tenant, statement: str
) -> None:
    with database.writing(tenant.id) as session:
        audit(session, DANA, "journal.exported")

    with (
        pytest.raises(DBAPIError, match="append-only"),
        database.engine.begin() as connection,
    ):
        connection.execute(text(statement))

    [entry] = entries(database, tenant)
    assert entry.who == DANA.name


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_database_refuses_to_replace_an_entry(database: Database, tenant: Tenant) -> None:
    with database.writing(tenant.id) as session:
        audit(session, DANA, "journal.exported")
    replace = text(
        "REPLACE INTO audit_entries SELECT tenant_id, id, at, 'x', '', what, '{}', '{}' "
        "FROM audit_entries"
    )

    with (
        pytest.raises(DBAPIError, match="append-only"),
        database.engine.begin() as connection,
    ):
        connection.execute(replace)

    [entry] = entries(database, tenant)
    assert entry.who == DANA.name


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_database_refuses_to_empty_the_log(database: Database, tenant: Tenant) -> None:
    with database.writing(tenant.id) as session:
        audit(session, US, "journal.exported")

    with (
        pytest.raises(DBAPIError, match="append-only"),
        database.engine.begin() as connection,
    ):
        connection.execute(text("TRUNCATE audit_entries"))

    assert len(entries(database, tenant)) == 1


def test_entries_leave_with_their_tenant(database: Database, tenant: Tenant) -> None:
    with database.writing(tenant.id) as session:
        audit(session, US, "journal.exported")

    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM tenants"))

    assert entries(database, tenant) == []


def test_only_what_changed_is_written_down(database: Database, tenant: Tenant) -> None:
    before, after = {"language": "fr", "terms": "a"}, {"language": "fr", "terms": "b"}

    with database.writing(tenant.id) as session:
        audit_changes(session, DANA, "preferences.changed", before, after)
        audit_changes(session, DANA, "preferences.changed", before, before)

    [entry] = entries(database, tenant)
    assert (entry.before, entry.after) == ({"terms": "a"}, {"terms": "b"})


def test_pages_of_entries_follow_each_other(database: Database, tenant: Tenant) -> None:
    with database.writing(tenant.id) as session:
        for number in range(PAGE + 2):
            audit(session, US, "journal.exported", after={"number": number})

    with database.reading(tenant.id) as session:
        first = list_entries(session)
        second = list_entries(session, first[-1].id)

    assert [entry.after["number"] for entry in (*first, *second)] == list(range(PAGE + 1, -1, -1))


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_spreadsheet_calculates_no_cell(database: Database, tenant: Tenant, hostile: str) -> None:
    with database.writing(tenant.id) as session:
        audit(session, Who(hostile, hostile), "journal.exported")

    lines = "".join(csv_lines(database, tenant.id))

    rows = list(csv.reader(io.StringIO(lines, newline="")))

    assert rows[1][2] == rows[1][3] == f"'{hostile}"


@pytest.mark.parametrize("hostile", [";=cmd|calc", "a; =1", 'a;"@SUM(A1)', "a;\t-1", ";;+1"])
def test_french_spreadsheet_calculates_no_cell(
    database: Database, tenant: Tenant, hostile: str
) -> None:
    with database.writing(tenant.id) as session:
        audit(session, Who(hostile), "preferences.changed", after={"terms": hostile})

    lines = "".join(csv_lines(database, tenant.id))

    cells = [cell.lstrip('\t "') for cell in lines.split(";")]
    assert len(cells) > 1
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
