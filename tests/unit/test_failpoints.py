"""The doors: what commits or calls a vendor stands between two failpoints, and nowhere else."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from app.db import EVERY_TENANT, Database
from app.failpoints import armed
from tests.test_architecture import OURS, nodes, tree


@dataclass(frozen=True)
class Door:
    """One function, and the call in it (a pattern of what is called) that no other may make."""

    module: str
    function: str
    call: str
    name: str

    @property
    def node(self) -> ast.FunctionDef:
        named = [
            node
            for node in nodes(self.module)
            if isinstance(node, ast.FunctionDef) and node.name == self.function
        ]
        return named[0]


DOORS = (
    Door("app/db.py", "writing", r".*\.commit", "writing"),
    Door("app/db.py", "run_alone", r".*\.cursor\(\)\.execute", "alone"),
    Door("app/providers/stripe/connection.py", "_plain", r"operation", "stripe"),
    Door("app/providers/slack/calls.py", "call", r"method", "slack"),
    Door("app/providers/hubspot/transport.py", "call", r".*\.call_api", "hubspot"),
    Door("app/providers/mailer.py", "send", r".*\.send_message", "mail"),
    Door("app/providers/downloads.py", "fetch_invoice_pdf", r"requests\.get", "download"),
)
# A vendor's method may be named and handed to its door; to call it is to go around the door.
AROUND = (
    (r".*\b_v1\..*", "app/"),
    (r".*\.(raw_request|_raw)", "app/"),
    (r"self\._client\..*", "app/providers/slack/"),
    (r"requests\.(?!Session$|get$).*", "app/"),
    (r".*\.(begin|raw_connection)", "app/"),
)
# Creating the tables is before all work; the raw connection is the door's own.
ALLOWED = {
    ("app/migrate.py", "connection.begin"),
    ("app/db.py", "self._alone.raw_connection"),
    ("app/providers/stripe/connection.py", "self._client.raw_request"),  # handed to the door
}


@cache
def calls(node: ast.AST) -> list[tuple[str, int]]:
    """What is called in a piece of source, as written, and on which line."""
    return [(ast.unparse(n.func), n.lineno) for n in ast.walk(node) if isinstance(n, ast.Call)]


def points(node: ast.AST) -> dict[str, int]:
    """The failpoints of a piece of source, and on which line each stands."""
    return {
        str(ast.literal_eval(n.args[0])): n.lineno
        for n in ast.walk(node)
        if isinstance(n, ast.Call) and ast.unparse(n.func) == "failpoint"
    }


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_door_has_a_failpoint_on_both_sides(door: Door) -> None:
    at = next(line for called, line in calls(door.node) if re.fullmatch(door.call, called))

    found = points(door.node)

    assert found[f"{door.name}.before"] < at < found[f"{door.name}.after"]


@pytest.mark.parametrize("door", [d for d in DOORS if d.module.startswith("app/providers")])
def test_vendor_that_fails_is_left_by_a_failpoint_too(door: Door) -> None:
    last = [
        name
        for node in ast.walk(door.node)
        if isinstance(node, ast.Try)
        for statement in node.finalbody
        for name in points(statement)
    ]

    assert last == [f"{door.name}.after"]


def test_commit_is_the_next_step_after_its_failpoint() -> None:
    writing = DOORS[0].node
    block = next(node for node in ast.walk(writing) if isinstance(node, ast.With))

    assert [ast.unparse(statement) for statement in block.body[-2:]] == [
        "failpoint('writing.commit')",
        "session.commit()",
    ]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_call_is_made_in_its_door_only(door: Door) -> None:
    names = {"operation": "app/providers/stripe/", "method": "app/providers/slack/"}
    inside = [module for module in OURS if module.startswith(names.get(door.call, ""))]

    made = [
        (module, node.name)
        for module in inside
        for node in nodes(module)
        if isinstance(node, ast.FunctionDef)
        and any(re.fullmatch(door.call, called) for called, _ in calls(node))
    ]

    assert made == [(door.module, door.function)]


@pytest.mark.parametrize(("pattern", "part"), AROUND)
def test_nothing_goes_around_a_door(pattern: str, part: str) -> None:
    made = {
        (module, called)
        for module in OURS
        if module.startswith(part)
        for called, _ in calls(tree(module))
        if re.fullmatch(pattern, called)
    }

    assert made - ALLOWED == set()


def test_block_passes_its_points_in_order(tmp_path: Path) -> None:
    passed: list[str] = []
    database = Database(f"sqlite:///{tmp_path}/doors.db")

    with armed(passed.append):
        with database.writing(EVERY_TENANT):
            passed.append("inside")
        database.run_alone("SELECT ?", (1,))
    with database.writing(EVERY_TENANT):
        pass

    assert passed == [
        *("writing.before", "inside", "writing.commit", "writing.after"),
        *("alone.before", "alone.after"),
    ]
