"""What one look found: a name, a state, and the sentences for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.language import say
from app.reasons import Reason
from app.setting_problems import Problem


class State(StrEnum):
    """`UNSEEN`: it could not be looked at from here, which is no failure."""

    OK = "ok"
    WRONG = "wrong"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `name` is `step.thing`; `found` is which of its sentences in `doctor.json`.

    `about`: the HubSpot account it is about, "" for the whole installation.
    """

    name: str
    state: State
    found: str = "ok"
    values: Mapping[str, object] = field(default_factory=dict)
    about: str = ""

    @property
    def is_wrong(self) -> bool:
        return self.state is State.WRONG

    def of(self, about: str) -> "Check":
        """The same finding, about one HubSpot account."""
        return replace(self, about=about)

    def said(self, language: str) -> str:
        """What was found."""
        return say(language, f"doctor.{self.name}.{self.found}", **self._values(language))

    def advice(self, language: str) -> str:
        """What to do about it, "" where nothing is to be done."""
        if not self.is_wrong:
            return ""
        return say(language, f"doctor.{self.name}.{self.found}.do", **self._values(language))

    def _values(self, language: str) -> dict[str, object]:
        return {
            name: value.said(language) if isinstance(value, Reason | Problem) else value
            for name, value in self.values.items()
        }


def ok(name: str, /, **values: object) -> Check:
    return Check(name, State.OK, "ok", values)


def wrong(name: str, found: str, /, **values: object) -> Check:
    return Check(name, State.WRONG, found, values)


def unseen(name: str, found: str, /, **values: object) -> Check:
    return Check(name, State.UNSEEN, found, values)
