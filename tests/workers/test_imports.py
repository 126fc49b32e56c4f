"""What processes load, and when: no module inside a job, no vendor's SDK in an idle web process."""

import json
import os
import subprocess
import sys
from pathlib import Path

from app.settings import Settings
from sandbox.server import Server
from tests.support.environ import CLOSED, sandbox_names
from tests.support.house import House

ROOT = Path(__file__).parents[2]
SDKS = ("stripe", "hubspot", "slack_sdk", "typst", "sentry_sdk")

WORKER = """
import json, sys
from app.runtime import Runtime
from app.settings import Settings
from workers import drain
from workers.handlers import HANDLERS
from workers.preload import preload

runtime = Runtime.start(Settings.from_env())
preload()
mine = drain.Drain(runtime, HANDLERS)
before = set(sys.modules)
worked = mine.run()
print(json.dumps([worked, sorted(set(sys.modules) - before)]))
"""
WEB = """
import json, sys
from app import create_app
from app.settings import Settings

app = create_app(Settings.from_env())
client = app.test_client()
for path in ("/healthz", "/sign-in", "/p/nobody", "/connections"):
    client.get(path)
client.post("/webhooks/stripe/nobody", data=b"{}")
print(json.dumps([name for name in %r if name in sys.modules]))
"""


def run(script: str, settings: Settings, sandbox: Server) -> list[object]:
    """Run a script in a process of its own beside the sandbox; its last line is JSON."""
    names = sandbox_names(sandbox.url, sandbox.world.settings.smtp_url)
    environ = {**os.environ, **CLOSED, **names, "DATABASE_URL": str(settings.database_url)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_no_job_imports_a_module(house: House) -> None:
    proposal = house.sent("5101")
    assert house.click("5102").status_code == 202
    purchase = house.purchase(accept_only(house, proposal.id))
    house.drain.run()
    house.enter(house.purchase(purchase.id))
    house.carry()
    house.drain.run()
    house.hurry()

    worked, loaded = run(WORKER, house.runtime.settings, house.sandbox)

    assert isinstance(worked, int)
    assert worked >= 5
    assert loaded == [], "\n".join(map(str, loaded if isinstance(loaded, list) else []))
    assert house.purchase(purchase.id).status == "paid"


def accept_only(house: House, proposal_id: int) -> int:
    """The acceptance alone: its page is opened by a worker."""
    from app.models import Proposal  # noqa: PLC0415
    from app.proposals.accept import Evidence, accept_proposal  # noqa: PLC0415

    with house.runtime.database.writing(house.tenant_id) as session:
        proposal = session.get_one(Proposal, proposal_id)
        evidence, now = Evidence("192.0.2.7", "Tests"), house.runtime.clock.now()
        purchase = accept_proposal(
            session,
            house.runtime.sealer,
            proposal,
            method="card",
            version=1,
            evidence=evidence,
            now=now,
        )
    return purchase.id


def test_web_process_loads_no_sdk_before_its_use(house: House) -> None:
    assert run(WEB % (SDKS,), house.runtime.settings, house.sandbox) == []
