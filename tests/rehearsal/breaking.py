"""Ways of breaking what the guide built; for each the doctor turns red at the right place."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.rehearsal.played import PROFILE, Player
from tests.rehearsal.server import OPT, SETTINGS, Server

RED = "WRONG"


@dataclass(frozen=True)
class Break:
    """What is done, or set in the doctor's settings alone; the step; the check that turns red."""

    step: str
    check: str
    settings: str = ""
    act: Callable[[Player], None] = Player.nothing


def stop_worker(player: Player) -> None:
    player.units["propale-worker"].terminate()
    player.units["propale-worker"].wait(90)


def upload_for_another(_player: Player) -> None:
    profile = json.loads(PROFILE.read_text())
    profile["variables"]["BACKEND_URL"] = "https://other.example"
    PROFILE.write_text(json.dumps(profile))


BREAKS = (
    Break("server", "server.settings", "SECRET_KEY=weak"),
    Break(
        "server",
        "server.database",
        "DATABASE_URL=postgresql+psycopg://propale:wrong@localhost/propale",
    ),
    Break("server", "server.redis", "REDIS_URL=redis://localhost:6399/0"),
    Break("secrets", "secrets.sealed", "ENCRYPTION_KEYS=a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6"),
    Break("address", "address.https", "PUBLIC_URL=https://other.maison.example"),
    Break("mail", "mail.login", "SMTP_URL=smtp://localhost:2525"),
    Break("mail", "mail.settings", "MAIL_FROM="),
    Break("hubspot", "hubspot.client", "HUBSPOT_CLIENT_SECRET=a1B2c3D4-e5F6-g7H8-i9J0-k1L2m3"),
    Break("hubspot", "hubspot.profile", act=upload_for_another),
    Break("workers", "workers.alive", act=stop_worker),
    Break("address", "address.https", act=Player.stop_units),
)


def break_all(player: Player) -> Iterator[tuple[Break, bool]]:
    """Each in turn, and whether the doctor saw it."""
    for one in BREAKS:
        one.act(player)
        yield one, _is_seen(player.server, one)


def _is_seen(server: Server, one: Break) -> bool:
    change = f"export {one.settings}; " if one.settings else ""
    words = f"set -a; . {SETTINGS}; set +a; {change}./propale doctor {one.step}"
    ended = subprocess.run(
        ["bash", "-c", words], cwd=OPT, env=server.env, capture_output=True, text=True, check=False
    )
    red = [line for line in ended.stdout.splitlines() if RED in line]
    return ended.returncode == 1 and any(one.check in line for line in red)
