"""Write shapes.json: what Stripe accepts and answers, read from the installed `stripe` package.

Run it after an upgrade of the package: `python -m sandbox.stripe.make_shapes`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import stripe

from sandbox.stripe.answer_types import answers
from sandbox.stripe.enum_table import EnumTable
from sandbox.stripe.played import OBJECTS, OPERATIONS
from sandbox.stripe.request_types import requests

FILE = Path(__file__).with_name("shapes.json")


def shapes() -> dict[str, Any]:
    """Build the whole document; its layout is explained in `sandbox/stripe/shapes.py`."""
    enums = EnumTable()
    calls, objects = requests(OPERATIONS, enums), answers(OBJECTS, enums)
    return {
        "package": f"stripe {stripe.VERSION}",
        "api_version": stripe.api_version,
        "requests": calls,
        "answers": objects,
        "enums": enums.listed(),
    }


def text() -> str:
    """Return the file's text: one line per call, object and list of values."""
    document = shapes()
    lines = ["{", f' "package": {json.dumps(document["package"])},']
    lines.append(f' "api_version": {json.dumps(document["api_version"])},')
    sections = ("requests", "answers", "enums")
    for section in sections:
        rows = [
            f"  {json.dumps(name)}: {json.dumps(shape, separators=(',', ':'))}"
            for name, shape in document[section].items()
        ]
        end = "" if section == sections[-1] else ","
        lines += [f' "{section}": {{', ",\n".join(rows), f" }}{end}"]
    return "\n".join([*lines, "}", ""])


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
