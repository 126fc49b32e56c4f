"""`python -m tests.rehearsal FOLDER`: follow the guide on a server that begins empty.

As root, in a network and with mounts of its own; `FOLDER` is empty and keeps the logs:

    unshare --net --mount --propagation private .venv/bin/python -m tests.rehearsal FOLDER
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.rehearsal.breaking import BREAKS, break_all
from tests.rehearsal.guide import GUIDE, from_a_backup, typed
from tests.rehearsal.people import BEFORE
from tests.rehearsal.played import SECRETS, SLACK, Player
from tests.rehearsal.server import OPT, ROOT, SETTINGS, Server, empty_server, vendors

LOAD = f"set -a; . {SETTINGS}; set +a"


def main(folder: Path) -> int:
    with ExitStack() as running:
        server = running.enter_context(empty_server(folder))
        reached = running.enter_context(vendors(server, {**SECRETS, **SLACK}))
        player = Player(server, reached, running)
        copy_project()
        follow(player, GUIDE.read_text(encoding="utf-8"))
        follow(player, from_a_backup())
        unseen = [one for one, seen in break_all(player) if not seen]
        player.stop_units()
    for one in unseen:
        print(f"not seen: {one}")
    print(f"broken in {len(BREAKS)} ways, {len(unseen)} of them not seen")
    return 1 if unseen else 0


def copy_project() -> None:
    """Propale's folder as it is handed over; its packages are taken from ours."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listed, cwd=ROOT, text=True).splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (OPT / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, OPT / name)
    (OPT / ".venv").symlink_to((ROOT / ".venv").resolve())


def follow(player: Player, text: str) -> None:
    """Type each line of a text in turn; each must end well."""
    started, done, loaded = time.monotonic(), set(), False
    for one in typed(text):
        if (act := BEFORE.get(one.line)) and one.line not in done:
            act(player)
        done.add(one.line)
        print(f"[{time.monotonic() - started:.0f} s] $ {one.line}", flush=True)
        loaded = loaded or one.line.startswith("set -a;")
        if not player.play(one.line):
            run(player.server, one.line, loaded=loaded)


def run(server: Server, line: str, *, loaded: bool) -> None:
    words = f"{LOAD}; {line}" if loaded else line
    ended = subprocess.run(["bash", "-c", words], cwd=OPT, env=server.env, check=False)
    if ended.returncode:
        sys.exit(f"{line} ended with {ended.returncode}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
