"""The files of a deployment: linted, agreeing with each other, no password in them."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.resources import files
from json import loads
from pathlib import Path
from shlex import split
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support import machine
from tests.support.deployment import (
    ROOT,
    SERVERS,
    UNITS,
    compose,
    compose_command,
    dockerfile,
    last_stage,
    procfile,
    unit,
    unit_command,
)

BIN = Path(sys.executable).parent
OURS = ("web", "worker", "migrate", "propale")
# What systemd-analyze rates from 0, nothing may be done, to 100.
MOST_EXPOSED = 20


def run(*words: object) -> subprocess.CompletedProcess[str]:
    command = [str(word) for word in words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def analyze(*words: object) -> subprocess.CompletedProcess[str]:
    program = machine.systemd_analyze()
    if program is None:
        pytest.skip("no systemd-analyze on this machine")
    return run(program, *words)


@pytest.fixture
def installed(tmp_path: Path) -> list[Path]:
    """The units as on a host where the project lies in this folder."""
    placed = [tmp_path / path.name for path in UNITS]
    for path, target in zip(UNITS, placed, strict=True):
        target.write_text(path.read_text().replace("/opt/propale/.venv/bin", str(BIN)))
    return placed


def test_dockerfile_is_linted() -> None:
    ended = run(BIN / "hadolint", "Dockerfile")

    assert (ended.returncode, ended.stdout) == (0, "")


def compose_problems(found: dict[str, Any]) -> list[str]:
    schema = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    checked = Draft202012Validator(loads(schema.read_text(encoding="utf-8"))).iter_errors(found)
    return [problem.message for problem in checked]


def test_compose_file_follows_its_schema() -> None:
    assert compose_problems(compose()) == []


def test_units_are_what_systemd_takes(installed: list[Path]) -> None:
    ended = analyze("verify", *installed)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_units_may_do_little(installed: list[Path]) -> None:
    for path in (path for path in installed if path.suffix == ".service"):
        rated = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", path)

        assert rated.returncode == 0, rated.stdout.splitlines()[-1]


@pytest.mark.parametrize("path", SERVERS, ids=lambda path: path.stem)
def test_unit_is_started_again_and_leaves_no_orphans(path: Path) -> None:
    service = unit(path)["Service"]

    assert (service["Restart"], service["KillMode"]) == ("always", "control-group")
    assert service["User"] == "propale"


def test_each_process_is_started_alike_everywhere() -> None:
    named = procfile()
    units = {path.stem.removeprefix("propale-"): unit_command(path) for path in SERVERS}
    behind_nginx, alone = "--bind 127.0.0.1:", "--bind 0.0.0.0:"

    assert behind_nginx in units["web"]
    units["web"] = units["web"].replace(behind_nginx, alone)
    assert units == {name: named[name] for name in ("web", "worker")}
    assert {name: compose_command(name) for name in ("web", "worker")} == units
    assert compose_command("migrate") == named["release"]
    assert last_stage("CMD")[0].command() == named["web"]


def test_backups_are_taken_by_the_command(tmp_path: Path) -> None:
    service = unit(ROOT / "deploy" / "propale-backup.service")["Service"]
    line = service["ExecStart"].replace("%%", "%").replace("$$", "$")
    kept = "/var/lib/propale/backups"

    said = line.replace("/opt/propale/.venv/bin/python", "/bin/echo").replace(kept, str(tmp_path))
    ended = subprocess.run(split(said), capture_output=True, text=True, check=True)

    assert re.fullmatch(rf"-m app\.commands backup {tmp_path}/[\dT-]+\n", ended.stdout)
    assert kept.removeprefix("/var/lib/") in service["StateDirectory"].split()


def test_every_process_of_ours_is_of_the_one_image() -> None:
    services = compose()["services"]

    assert {services[name]["image"] for name in OURS} == {"propale"}
    assert {name for name in services if name not in OURS} == {"postgres", "redis"}
    assert all(services[name]["read_only"] for name in OURS)
    assert all(services[name]["cap_drop"] == ["ALL"] for name in OURS)


def test_servers_wait_for_the_migration() -> None:
    for name in ("web", "worker"):
        waited = compose()["services"][name]["depends_on"]

        assert waited["migrate"]["condition"] == "service_completed_successfully"


def test_no_password_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    filled_in = re.findall(r"(?<!\$)\$\{([A-Z_]+)(:\?)?", text)

    assert {name for name, _ in filled_in} == {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    assert all(needed for _, needed in filled_in)


def test_stores_are_reached_from_inside_alone() -> None:
    found = compose()

    for name in ("postgres", "redis"):
        assert found["services"][name]["networks"] == ["inside"]
        assert "ports" not in found["services"][name]
    assert found["networks"]["inside"] == {"internal": True}
    assert found["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_image_installs_by_hash_and_is_nobodys_root() -> None:
    installs = [one.rest for one in dockerfile() if "pip install" in one.rest]

    assert len(installs) == 1
    assert "--require-hashes --requirement requirements.lock" in installs[0]
    assert last_stage("USER")[-1].rest == "10001"


def test_image_is_given_only_what_it_copies() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = {line[1:] for line in lines if line.startswith("!")}

    taken = [one for one in dockerfile() if one.word == "COPY" and "--from" not in one.rest]
    assert "*" in lines
    assert {source for one in taken for source in one.copied()[0]} == admitted


def test_lints_find_what_is_wrong(tmp_path: Path) -> None:
    broken = tmp_path / "Dockerfile"
    broken.write_text("FROM python\nRUN cd /opt && sudo make\n")
    misspelt = compose()
    misspelt["services"]["web"]["restarts"] = "always"

    assert run(BIN / "hadolint", broken).returncode == 1
    assert compose_problems(misspelt)
