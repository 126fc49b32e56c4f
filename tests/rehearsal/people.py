"""What the guide has one do in a browser: install, connect, choose, and buy from oneself."""

from __future__ import annotations

import json
import subprocess
import threading
from random import Random

from tests.chaos.people import Customer, Rep
from tests.chaos.postman import Postman
from tests.chaos.sales import make_sale
from tests.rehearsal.played import SECRETS, SLACK, Player
from tests.rehearsal.server import HOST, MAIL_HOST, OPT, ROOT, VENDORS

PRODUCT, SANDBOX = f"https://{HOST}", f"https://{VENDORS}"


def write_profile(_player: Player) -> None:
    """Account and address in the HubSpot project's profile."""
    path = OPT / "hubspot_cards/src/hsprofile.production.json"
    profile = json.loads(path.read_text())
    profile["accountId"] = 148111
    profile["variables"]["BACKEND_URL"] = PRODUCT
    path.write_text(json.dumps(profile, indent=2))


def install(player: Player) -> None:
    """Approve in HubSpot, connect Stripe and Slack, say who sells."""
    env = {
        **player.server.env,
        **player.vendors,
        **SECRETS,
        **SLACK,
        "PUBLIC_URL": PRODUCT,
        "SMTP_URL": f"smtp://{MAIL_HOST}",
        "DATABASE_URL": "",
        "DATA_DIR": player.server.env["VENDORS_DATA"],
        "PYTHONPATH": str(ROOT),
    }
    python = ROOT / ".venv/bin/python"
    subprocess.run([python, "-m", "sandbox.demo"], env=env, cwd=ROOT, check=True)


def buy(player: Player) -> None:
    """The rep's click, the mail, the customer's choice, Stripe's page, and the end of it all."""
    sale = make_sale(0, Random(1))
    postman = Postman(player.server.folder / "vendors/sandbox.db", lambda: sale.settled)
    threading.Thread(target=postman.work, daemon=True).start()
    Rep(PRODUCT, SANDBOX, lambda: False).send(sale)
    sale.link = postman.wait(sale.email)
    Customer(sale, lambda: False).buy()
    assert sale.settled, sale.seen


# The command line before which somebody does these, as the guide's words have it.
BEFORE = {
    "npm install --global @hubspot/cli": write_profile,
    "./propale doctor connections": install,
    "./propale doctor": buy,
}
