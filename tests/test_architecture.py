"""The directions of the house, held by reading its source: who may import, commit, ask the time."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("app", "workers", "sandbox", "bench")
MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for part in PARTS
    for path in (ROOT / part).rglob("*.py")
    if not {"node_modules", "versions"} & set(path.parts)
)
OURS = [module for module in MODULES if module.startswith(("app/", "workers/"))]
# A package of ours -> what of ours it must never import.
FORBIDDEN = {
    "app": ("workers", "sandbox", "tests", "bench"),
    "workers": ("sandbox", "tests", "bench", "app.web"),
    "sandbox": ("app", "workers", "tests", "bench"),
    "app/providers": (
        *("app.models", "app.db", "app.settings", "app.runtime", "app.messages"),
        *("app.web", "app.proposals", "app.billing", "app.accounts", "flask", "sqlalchemy"),
    ),
    "app/models": ("app.web", "app.proposals", "app.billing", "app.accounts", "app.providers"),
    "app/claims": ("app.messages", "app.web", "app.providers", "app.proposals", "app.billing"),
    "app/proposals": ("app.web", "app.providers", "flask"),
    "app/billing": ("app.web", "flask"),
    "app/accounts": ("app.web", "app.proposals", "flask"),
    "app/web": ("app.accounts.clients",),  # vendors are called by workers
    "app/wording": ("app.web", "app.models", "app.db", "app.providers", "flask"),
    "app/reconcile": ("app.web", "app.stuck", "flask"),
    "app/doctor": ("app.web", "flask"),
    "app/stuck": ("app.web", "app.providers", "app.accounts", "flask"),
}
# A package that stands above the use cases -> those who start it, and nobody else.
STARTED_BY = {
    "app.commands": (),
    "app.doctor": ("app/commands/",),
    "app.reconcile": ("app/commands/", "workers/"),
    "app.stuck": ("app/commands/",),
    "app.web": ("app/__init__.py", "app/wsgi.py"),
}
LONGEST_TEST_NAME = 60
SDKS = {
    "stripe": "app/providers/stripe/",
    "hubspot": "app/providers/hubspot/",
    "slack_sdk": "app/providers/slack/",
    "sentry_sdk": "app/sentry.py",
    "smtplib": "app/providers/mailer.py",
    "requests": "app/providers/",
    "typst": "app/wording/receipt.py",
}
# Beside the clock itself, the doors that check a signature's age on the wall.
CLOCK_READERS = {"app/clock.py", "app/web/auth.py", "app/web/webhooks.py"}
ENVIRONMENT_READERS = {"app/settings.py", "sandbox/settings.py"}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    """All of a module's tree: many rules look through it, and to walk it costs most."""
    return tuple(ast.walk(tree(module)))


@cache
def imports(module: str) -> frozenset[str]:
    """Every dotted name that a module imports, at its top or later, for types or for use."""
    found = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def importing(module: str, name: str) -> bool:
    return any(found == name or found.startswith(f"{name}.") for found in imports(module))


@cache
def attributes(module: str) -> frozenset[str]:
    """Each `x.y` of a module, as written."""
    return frozenset(ast.unparse(node) for node in nodes(module) if isinstance(node, ast.Attribute))


@pytest.mark.parametrize("package", FORBIDDEN)
def test_package_imports_only_downwards(package: str) -> None:
    inside = [module for module in MODULES if module.startswith(f"{package}/")]

    wrong = {(m, name) for m in inside for name in FORBIDDEN[package] if importing(m, name)}

    assert inside
    assert wrong == set()


@pytest.mark.parametrize("package", STARTED_BY)
def test_package_is_known_only_to_who_starts_it(package: str) -> None:
    inside = f"{package.replace('.', '/')}/"
    outside = [module for module in OURS if not module.startswith(inside)]

    users = {module for module in outside if importing(module, package)}

    assert (ROOT / inside).is_dir()
    assert {module for module in users if not module.startswith(STARTED_BY[package])} == set()


@pytest.mark.parametrize("sdk", SDKS)
def test_sdk_is_imported_in_its_provider_only(sdk: str) -> None:
    users = [module for module in OURS if importing(module, sdk)]

    assert users
    assert [module for module in users if not module.startswith(SDKS[sdk])] == []


def test_rules_see_of_a_provider_only_its_answers() -> None:
    seen = {
        name
        for module in OURS
        if module.startswith(("app/billing/", "app/proposals/"))
        for name in imports(module)
        if name.startswith("app.providers.")
    }

    assert {name.rpartition(".")[0] for name in seen} <= {"app.providers.stripe.answers"}


def test_commits_happen_in_one_place() -> None:
    committing = [m for m in OURS if any(a.endswith(".commit") for a in attributes(m))]

    assert committing == ["app/db.py"]


def test_lines_are_written_by_one_logger() -> None:
    assert [m for m in OURS if importing(m, "logging")] == ["app/logs.py"]


def test_environment_is_read_in_one_place() -> None:
    names = {"os.environ", "os.getenv"}

    assert {m for m in OURS if names & attributes(m)} <= ENVIRONMENT_READERS


def test_clock_is_read_at_named_edges() -> None:
    names = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time"}

    assert {module for module in OURS if names & attributes(module)} <= CLOCK_READERS


@pytest.mark.parametrize("module", MODULES)
def test_module_says_its_role_and_stays_short(module: str) -> None:
    source = (ROOT / module).read_text(encoding="utf-8")
    long = [
        node.name
        for node in nodes(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
    ]

    assert ast.get_docstring(tree(module)) or not source.strip()
    assert len(source.splitlines()) <= 300
    assert long == []


def test_names_of_tests_are_short() -> None:
    named = re.compile(r"^ *def (test_\w+)\(", re.MULTILINE)
    files = (ROOT / "tests").rglob("test_*.py")
    names = [name for file in files for name in named.findall(file.read_text(encoding="utf-8"))]

    assert names
    assert [name for name in names if len(name) > LONGEST_TEST_NAME] == []
