"""What `./propale demo` is asked for, and whose settings other commands take.

Whatever does not fit is answered with one sentence.

Used by the launcher before anything is installed, so it needs the standard library alone.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

USUAL = "sandbox/demo.env"
_NEEDED = ("PUBLIC_URL", "HUBSPOT_API_BASE", "SMTP_URL", "REDIS_URL", "DATA_DIR")
# Commands that show or change data, each with the words behind it that matter here.
_ON_DATA = frozenset(
    {
        "backup", "connect-stripe", "doctor", "keys rotate", "messages", "migrate", "reconcile",
        "restore",
    }
)  # fmt: skip
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
_SENTENCES = {
    "fr": {
        "usage": "./propale demo [--fresh] [--env FICHIER], sans «\u00a0{word}\u00a0».",
        "no_file": "./propale demo [--fresh] [--env FICHIER]\u00a0: le fichier manque après --env.",
        "not_loaded": "aucun réglage n’est chargé, la commande porte donc sur la démo. Pour votre"
        " installation, tapez d’abord\u00a0: set -a; . /etc/propale/production.env; set +a",
        "unread": "le fichier {file} n’existe pas ou ne se lit pas.",
        "not_settings": "le fichier {file} ne dit pas {names}\u00a0: copiez sandbox/demo.env.",
    },
    "en": {
        "usage": "./propale demo [--fresh] [--env FILE], without “{word}”.",
        "no_file": "./propale demo [--fresh] [--env FILE]: there is no file after --env.",
        "not_loaded": "no settings are loaded, so this is about the demo. For your installation"
        " type first: set -a; . /etc/propale/production.env; set +a",
        "unread": "the file {file} does not exist or cannot be read.",
        "not_settings": "the file {file} does not say {names}: copy sandbox/demo.env.",
    },
}


class AskedWronglyError(Exception):
    """The text is one sentence for whoever typed it."""


@dataclass(frozen=True)
class Asked:
    """Whether to begin with empty data, and the lines of the settings file, name -> value."""

    fresh: bool
    settings: Mapping[str, str]


def read_words(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Asked:
    """Read what was typed. Raises `AskedWronglyError`, in the language of the environment."""
    say = _sentences(environment)
    name, rest = USUAL, list(words)
    if "--env" in rest:
        place = rest.index("--env")
        if place + 1 == len(rest):
            raise AskedWronglyError(say["no_file"])
        name = rest[place + 1]
        del rest[place : place + 2]
    for word in rest:
        if word != "--fresh":
            raise AskedWronglyError(say["usage"].format(word=word))
    try:
        settings = read_env(folder / name)
    except (OSError, UnicodeDecodeError) as error:
        raise AskedWronglyError(say["unread"].format(file=name)) from error
    if missing := [wanted for wanted in _NEEDED if not settings.get(wanted)]:
        raise AskedWronglyError(say["not_settings"].format(file=name, names=", ".join(missing)))
    return Asked("--fresh" in rest, settings)


def settings_of(
    words: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Mapping[str, str]:
    """Return what to add to the environment of a command: the demo's where none are loaded.

    Who forgot to load her own would take the demo's backup for hers, so that is said.
    """
    if "APP_ENV" in environment:
        return {}
    if _ON_DATA & {" ".join(words[:1]), " ".join(words[:2])}:
        sys.stderr.write(f"propale: {_sentences(environment)['not_loaded']}\n")
    return read_env(folder / USUAL)


def read_env(path: Path) -> dict[str, str]:
    """Return name -> value of the lines `NAME=value`; comments and other lines say nothing."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    given = (line.partition("=") for line in lines if not line.startswith("#"))
    return {name: value for name, equals, value in given if equals}


def _sentences(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return those of the language that the terminal names."""
    named = next(filter(None, (environment.get(name) for name in _LOCALES)), "")
    return _SENTENCES["fr" if named.lower().startswith("fr") else "en"]
