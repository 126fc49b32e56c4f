"""One section as it was typed: every field is read, and each wrong one gets its sentence."""

import re
from collections.abc import Collection, Mapping

from app.addresses import is_address
from app.errors import AppError
from app.language import say
from app.wording.plain import one_line

LONGEST_NUMBER = 10
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class FormError(AppError):
    """What is wrong, by field; nothing was saved."""

    status = 422

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__("form_wrong", " ".join(sentences.values()))
        self.sentences = dict(sentences)


class Form:
    """Reads fields. A reading of a wrong one gives something harmless: `finish` refuses it."""

    def __init__(self, typed: Mapping[str, str], language: str) -> None:
        self._typed, self._language = typed, language
        self._wrong: dict[str, str] = {}

    def refuse(self, name: str, key: str, **values: object) -> None:
        """Note the sentence `preferences.wrong.<key>` at the field; the first one stays."""
        words = say(self._language, f"preferences.wrong.{key}", **values)
        self._wrong.setdefault(name, words)

    def finish(self) -> None:
        """Raise `FormError` if any field was wrong."""
        if self._wrong:
            raise FormError(self._wrong)

    def text(self, name: str, longest: int, *, missing: str = "") -> str:
        """Text on one line, without what nobody sees; `missing` names the sentence for ""."""
        text = self._line(name)
        if missing and not text:
            self.refuse(name, missing)
        return self._within(name, text, longest)

    def lines(self, name: str, longest: int) -> str:
        """Text of several lines; a browser sends each line break as two characters."""
        text = "\n".join(self._typed.get(name, "").replace("\0", "").splitlines()).strip()
        return self._within(name, text, longest)

    def address(self, name: str) -> str:
        """An e-mail address."""
        text = self.text(name, 254)
        if not is_address(text):
            self.refuse(name, "address")
        return text

    def number(self, name: str, key: str, least: int, most: int) -> int:
        """A whole number in decimal digits, both ends included."""
        text = self._line(name)
        if text.isdecimal() and len(text) <= LONGEST_NUMBER and least <= int(text) <= most:
            return int(text)
        self.refuse(name, key, least=least, most=most)
        return least

    def time(self, name: str) -> str:
        """`22:00`, or "" for none."""
        text = self._line(name)
        if text and not TIME.fullmatch(text):
            self.refuse(name, "time")
        return text

    def names(self, beginning: str) -> list[str]:
        """The names of the fields sent that begin so."""
        return [name for name in self._typed if name.startswith(beginning)]

    def is_ticked(self, name: str) -> bool:
        return name in self._typed

    def choice(self, name: str, among: Collection[str]) -> str:
        text = self._line(name)
        if text not in among:
            self.refuse(name, "choice")
        return text

    def _line(self, name: str) -> str:
        typed = self._typed.get(name, "")
        return one_line(typed, len(typed))

    def _within(self, name: str, text: str, longest: int) -> str:
        if len(text) > longest:
            self.refuse(name, "too_long", most=longest)
        return text
