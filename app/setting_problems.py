"""What is wrong with settings, as sentences in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.language import catalogue, say


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence of `settings.json` about the setting `name`."""

    key: str
    name: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """What is wrong and, of a secret, where to get it."""
        words = say(language, f"settings.{self.key}", name=self.name, **self.values)
        source = f"settings.from.{self.name}"
        if source not in catalogue(language) or self.key not in ("missing", "weak"):
            return words
        return say(language, "settings.sourced", words=words[:-1], source=say(language, source))


class SettingsError(Exception):
    """The environment is not usable; the message lists every problem in English, one a line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(problem.said("en") for problem in problems))
        self.problems = problems
