"""The card API's schema, as the card's own tests read it."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "hubspot_cards" / "card-api.schema.json").read_text(encoding="utf-8"))


def validator(name: str) -> Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def check_view(view: Any) -> None:
    validator("View").validate(view)


def check_error(body: Any) -> None:
    validator("Error").validate(body)
