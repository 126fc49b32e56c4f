"""A server of its own inside this machine: own network, own /etc, /opt and /var/lib.

`unshare --net --mount` keeps all of it apart: ports and files are those of the guide, and nobody
else on this machine sees them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import stripe
import trustme

from sandbox.processes import answers, listens
from tests.support import machine
from tests.support.dns import serving_names
from tests.support.postgres import PostgresServer, own_server
from tests.support.servers import running
from tests.support.tls import in_front

ROOT = Path(__file__).parents[2]
OPT, SETTINGS = Path("/opt/propale"), Path("/etc/propale/production.env")
HOST, VENDORS = "propositions.maison.example", "vendors.example"
MAIL_HOST = "mail.maison.example"
FILES_HOST = "pay.stripe.com"  # the product fetches invoices from Stripe's own hosts alone
# Who has which address inside; the vendors have a machine of their own.
HOSTS = {"127.0.0.1": ("localhost", HOST), "127.0.0.2": (VENDORS, MAIL_HOST, FILES_HOST)}
ZONE = {
    "maison.example": ["v=spf1 mx ~all"],
    "s1._domainkey.maison.example": ["v=DKIM1; p=abc"],
    "_dmarc.maison.example": ["v=DMARC1; p=none"],
}
MOVED = ("/etc", "/opt", "/var/lib", "/var/backups")


@dataclass
class Server:
    """An empty server with PostgreSQL and Redis; `env` is what every process of it gets."""

    folder: Path
    postgres: PostgresServer
    authority: trustme.CA
    env: dict[str, str] = field(default_factory=dict)


@contextmanager
def empty_server(folder: Path) -> Iterator[Server]:
    """Inside a network and mounts of one's own: an empty Debian with its two servers."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    _move(folder)
    _name_hosts()
    authority = trustme.CA()
    bundle = folder / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    os.environ |= {"REQUESTS_CA_BUNDLE": str(bundle), "SSL_CERT_FILE": str(bundle)}
    # Stripe's SDK asks neither: it trusts the authorities in its own folder.
    subprocess.run(["mount", "--bind", bundle, stripe.ca_bundle_path], check=True)
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    with (
        serving_names(ZONE, ("127.0.0.1", 53)),
        own_server(port=5432) as own,
        own.up(),
        _redis(folder),
    ):
        yield Server(folder, own.server, authority, env)


def _move(folder: Path) -> None:
    """Have folders of the system be copies, or empty ones, of this server alone."""
    for path in MOVED:
        mine = folder / path.strip("/").replace("/", "-")
        if path == "/etc":
            shutil.copytree(path, mine, symlinks=True)
        else:
            mine.mkdir()
        subprocess.run(["mount", "--bind", mine, path], check=True)


def _name_hosts() -> None:
    lines = [f"{address} {' '.join(names)}" for address, names in HOSTS.items()]
    Path("/etc/hosts").write_text("\n".join(lines) + "\n")
    Path("/etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
    for path in ("/etc/nginx/sites-available", "/etc/nginx/sites-enabled", "/etc/systemd/system"):
        Path(path).mkdir(parents=True, exist_ok=True)


@contextmanager
def _redis(folder: Path) -> Iterator[None]:
    program = str(machine.redis_program())
    command = [program, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    place = folder / "redis"
    place.mkdir()
    with running(command, lambda: listens("127.0.0.1", 6379), place):
        yield


@contextmanager
def vendors(server: Server, secrets: dict[str, str]) -> Iterator[dict[str, str]]:
    """The sandbox under its host names; gives the settings by which it is reached."""
    origin = f"https://{VENDORS}"
    reached = {
        "HUBSPOT_API_BASE": f"{origin}/hubspot",
        "HUBSPOT_APP_BASE": f"{origin}/hubspot-app",
        "STRIPE_API_BASE": f"{origin}/stripe",
        "STRIPE_APP_BASE": f"{origin}/stripe/dashboard",
        "SLACK_API_BASE": f"{origin}/slack/api/",
        "SLACK_APP_BASE": f"{origin}/slack",
    }
    data = server.folder / "vendors"
    data.mkdir()
    own = {
        "PUBLIC_URL": f"https://{HOST}",
        "DATA_DIR": str(data),
        "DATABASE_URL": "",
        "SMTP_URL": f"smtp://{MAIL_HOST}",
        "STRIPE_FILES_BASE": f"https://{FILES_HOST}/stripe",
        "PYTHONPATH": str(ROOT),
    }
    server.env |= {"VENDORS_DATA": str(data)}
    python = str(ROOT / ".venv/bin/python")
    words = [f"{name}={value}" for name, value in {**reached, **secrets, **own}.items()]
    command = ["env", *words, python, "-m", "sandbox"]
    theirs = server.authority.issue_cert(FILES_HOST, VENDORS)
    with (
        running(command, lambda: answers(f"http://{VENDORS}/"), data),
        in_front(("127.0.0.2", 80), theirs, at=("127.0.0.2", 443)),
    ):
        yield reached
