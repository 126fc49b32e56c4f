"""A difference's values as people read them: no vendor's words, no names of columns."""

from collections.abc import Callable, Mapping
from datetime import date

from app.language import catalogue
from app.wording.figures import day


def in_words(values: Mapping[str, object], language: str) -> dict[str, object]:
    """The values of `Difference`; what has no words of its own stays as it is.

    `kind`, of a message, also gives `what` it was to do.
    """
    said: dict[str, object] = {
        name: WORDS[name](str(value), language) if name in WORDS else value
        for name, value in values.items()
    }
    return said | (
        {"what": _named("kind", str(values["kind"]), language)} if "kind" in values else {}
    )


def _named(area: str, name: str, language: str) -> str:
    return catalogue(language).get(f"{area}.{name}", name)


def _all(area: str, names: str, language: str) -> str:
    return ", ".join(_named(area, name, language) for name in names.split(", "))


def _properties(names: str, language: str) -> str:
    """A tail of the sentence; none where no property differs."""
    return f" ({_all('reconcile.property', names, language)})" if names else ""


WORDS: Mapping[str, Callable[[str, str], str]] = {
    "properties": _properties,
    "stripe": lambda words, language: _all("reconcile.stripe", words, language),
    "ours": lambda status, language: _named("colleague.money", status, language),
    "since": lambda iso, language: day(date.fromisoformat(iso), language),
}
