"""The check of a PDF in a process of its own: a small one can ask for hours and gigabytes."""

import resource
import subprocess
import sys
from pathlib import Path

from app.accounts.preferences.pdf import PdfRefusedError, check_pdf

SECONDS, WALL_SECONDS = 5, 20
MEMORY = 512 * 1024 * 1024
ROOT = Path(__file__).parents[3]


def check_pdf_apart(content: bytes, *, seconds: int = SECONDS) -> None:
    """As `check_pdf`; what takes more than `seconds` of work, or too much memory, is `too_large`.

    The process gets none of our environment: it reads what a stranger made.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(seconds)],
            input=content,
            stdout=subprocess.PIPE,
            timeout=WALL_SECONDS,
            cwd=ROOT,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PdfRefusedError("too_large") from error
    if done.returncode < 0:  # ended by the system: it was over a limit
        raise PdfRefusedError("too_large")
    done.check_returncode()
    if done.stdout:
        raise PdfRefusedError(done.stdout.decode())


def _code(content: bytes) -> str:
    """Why it is refused; "" where it is not."""
    try:
        check_pdf(content)
    except PdfRefusedError as refused:
        return refused.code
    except MemoryError:
        return "too_large"
    return ""


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]),) * 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(_code(sys.stdin.buffer.read()))
