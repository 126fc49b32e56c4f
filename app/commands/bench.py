"""`bench`: measure the product beside its baselines (see bench/)."""

import subprocess
import sys


def run(words: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "bench", *words], check=False).returncode
