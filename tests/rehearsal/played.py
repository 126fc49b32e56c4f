"""What the guide has one do that a machine plays: editors, installers, systemd, certbot."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.processes import answers
from tests.rehearsal.server import HOST, MAIL_HOST, OPT, SETTINGS, Server
from tests.support.tls import in_front, leading_to_https

PASSWORD = "a-password-of-ones-own"
SECRETS = {
    "HUBSPOT_CLIENT_ID": "5a0db0a7-0000-4000-8000-000000000001",
    "HUBSPOT_CLIENT_SECRET": "b2f7c1d0-55aa-4c3e-9d51-0f6c7e8a9b21",
    "HUBSPOT_APP_ID": "4242",
}
SLACK = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "0f6c7e8a9b21b2f7c1d0"}
PROFILE = OPT / "hubspot_cards/src/hsprofile.production.json"
NGINX = Path("/etc/nginx/sites-available/propale")
UNITS = Path("/etc/systemd/system")
EXEC = re.compile(r"^ExecStart=(.+)$", re.MULTILINE)


@dataclass
class Player:
    """Plays on one server; `vendors` are the settings by which the sandbox is reached."""

    server: Server
    vendors: dict[str, str]
    running: ExitStack
    units: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def play(self, line: str) -> bool:
        """Play the line if it is one that a machine plays; False for any other."""
        for pattern, act in PLAYED.items():
            if re.fullmatch(pattern, line):
                act(self)
                return True
        return False

    def nothing(self) -> None:
        """What is there already, or has no effect here."""

    def make_role(self) -> None:
        """`createuser` asks for the password; the server asks for it from now on."""
        ((rules,),) = self.server.postgres.ask("SHOW hba_file")
        text = Path(rules).read_text()
        Path(rules).write_text(f"host all propale 127.0.0.1/32 scram-sha-256\n{text}")
        self.server.postgres._do(f"CREATE ROLE propale LOGIN PASSWORD '{PASSWORD}'")
        self.server.postgres.ask("SELECT pg_reload_conf()")

    def make_database(self) -> None:
        self.server.postgres._do("CREATE DATABASE propale OWNER propale")

    def put_database_aside(self) -> None:
        self.server.postgres._do("ALTER DATABASE propale RENAME TO before_restoring")

    def restore(self) -> None:
        """The newest backup, whose name the text cannot know."""
        newest = max(Path("/var/lib/propale/backups").iterdir())
        words = f"set -a; . {SETTINGS}; set +a; ./propale restore {newest}"
        subprocess.run(["bash", "-c", words], cwd=OPT, env=self.server.env, check=True)

    def upload(self) -> None:
        """The project is uploaded from the folder as it is then."""
        profile = json.loads(PROFILE.read_text())
        assert profile["variables"]["BACKEND_URL"] == f"https://{HOST}"

    def fill_settings(self) -> None:
        """Fill in the lines that the guide names; and the vendors, who are not the real ones."""
        lines = {
            "PUBLIC_URL": f"https://{HOST}",
            "DATABASE_URL": f"postgresql+psycopg://propale:{PASSWORD}@localhost/propale",
            **SECRETS,
            "SMTP_URL": f"smtp://{MAIL_HOST}",
            "MAIL_FROM": "propositions@maison.example",
            **self.vendors,
        }
        text = SETTINGS.read_text()
        for name, value in lines.items():
            text, found = re.subn(rf"(?m)^{name}=.*$", f"{name}={value}", text)
            assert found, f"{name} has no line to fill in"
        SETTINGS.write_text(text)

    def name_nginx(self) -> None:
        text = NGINX.read_text()
        assert "server_name propositions.maison.example;" in text

    def start_units(self) -> None:
        for name in ("propale-web", "propale-worker"):
            (command,) = EXEC.findall((UNITS / f"{name}.service").read_text())
            words = f"set -a; . {SETTINGS}; set +a; exec {command}"
            log = (self.server.folder / f"{name}.log").open("ab")
            self.units[name] = subprocess.Popen(
                ["bash", "-c", words], cwd=OPT, env=self.server.env, stdout=log, stderr=log
            )
            self.running.callback(self.units[name].terminate)
        while not answers("http://127.0.0.1:8000/healthz"):
            assert self.units["propale-web"].poll() is None

    def stop_units(self) -> None:
        for unit in self.units.values():
            unit.terminate()
            unit.wait(90)

    def restart_units(self) -> None:
        self.stop_units()
        self.start_units()

    def back_up(self) -> None:
        """What the timer starts, once."""
        unit = (UNITS / "propale-backup.service").read_text()
        (command,) = EXEC.findall(unit.replace("%%", "%").replace("$$", "$"))
        kept = Path("/var/lib/propale/backups")
        kept.mkdir(parents=True, exist_ok=True)
        words = f"set -a; . {SETTINGS}; set +a; {command}"
        subprocess.run(["bash", "-c", words], cwd=OPT, env=self.server.env, check=True)
        assert list(kept.iterdir())

    def certify(self) -> None:
        """What nginx and certbot come to."""
        certificate = self.server.authority.issue_cert(HOST)
        web, https, http = (("127.0.0.1", port) for port in (8000, 443, 80))
        self.running.enter_context(in_front(web, certificate, at=https))
        self.running.enter_context(leading_to_https(http))


PLAYED: dict[str, Callable[[Player], None]] = {
    r"npm install --global @hubspot/cli": Player.nothing,
    r"hs account auth": Player.nothing,
    r"cd hubspot_cards": Player.nothing,
    r"hs project upload --profile production": Player.upload,
    r"sudo -i": Player.nothing,
    r"apt (update|install .+)": Player.nothing,
    r"sudo -u postgres createuser --pwprompt propale": Player.make_role,
    r"sudo -u postgres createdb --owner=propale propale": Player.make_database,
    rf"nano {SETTINGS}": Player.fill_settings,
    rf"nano {NGINX}": Player.name_nginx,
    r"systemctl daemon-reload": Player.nothing,
    r"systemctl reload nginx": Player.nothing,
    r"systemctl enable --now propale-web propale-worker": Player.start_units,
    r"systemctl restart propale-web propale-worker": Player.restart_units,
    r"systemctl stop propale-web propale-worker": Player.stop_units,
    r"systemctl start propale-web propale-worker": Player.start_units,
    r"sudo -u postgres psql -c 'ALTER DATABASE propale RENAME TO before_restoring'": (
        Player.put_database_aside
    ),
    r"\./propale restore /var/lib/propale/backups/[\dT-]+": Player.restore,
    r"systemctl enable --now propale-backup\.timer": Player.back_up,
    rf"certbot --nginx --redirect --domain {re.escape(HOST)}": Player.certify,
}
