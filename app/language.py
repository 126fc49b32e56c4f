"""Words for people: catalogues by language and area, read once."""

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("fr", "en")
FOLDER = Path(__file__).parent / "translations"


def supported(language: str) -> str:
    """The language itself where we have its texts, else English; `fr-CA` is French."""
    short = language[:2].lower()
    return short if short in LANGUAGES else "en"


@cache
def catalogue(language: str) -> dict[str, str]:
    """All sentences of one language, `area.key` -> text with `{names}` to fill in."""
    words: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.json")):
        area = json.loads(path.read_text(encoding="utf-8"))
        words |= {f"{path.stem}.{key}": text for key, text in area.items()}
    return words


def say(language: str, key: str, /, **values: object) -> str:
    """One sentence. A missing key raises `KeyError`; a test checks all keys."""
    return catalogue(language)[key].format(**values)
