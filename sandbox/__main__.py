"""`python -m sandbox`: run the sandbox until it is told to stop."""

from __future__ import annotations

import signal
import sys
import threading

from sandbox.server import serve
from sandbox.settings import Settings


def main() -> int:
    """Serve until SIGINT or SIGTERM; 1 when the settings or a port are wrong."""
    try:
        settings = Settings.from_env()
        server = serve(settings)
    except (ValueError, OSError) as problem:
        sys.stderr.write(f"sandbox: {problem}\n")
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sys.stdout.write(f"sandbox: {server.url} and {settings.smtp_url}\n")
    sys.stdout.flush()
    stop.wait()
    server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
