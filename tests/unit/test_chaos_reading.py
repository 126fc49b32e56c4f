"""The storm tells mails apart by their subjects, which are the product's to word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.chaos.reading import MAIL_SUBJECTS, kind_of_mail

WORDS = Path(__file__).parents[2] / "app" / "translations" / "fr" / "mail.json"
SUBJECTS: dict[str, str] = {
    key.removesuffix(".subject"): words
    for key, words in json.loads(WORDS.read_text()).items()
    if key.endswith(".subject")
}


@pytest.mark.parametrize("kind", MAIL_SUBJECTS)
def test_mail_is_known_by_its_subject_alone(kind: str) -> None:
    assert [mail for mail, words in SUBJECTS.items() if kind_of_mail(words) == kind] == [kind]
