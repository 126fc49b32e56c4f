"""The security page names files and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
RULES = [line for line in PAGE.splitlines() if line.count("|") == 4 and "`tests/" in line]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FILE = re.compile(r"`([\w./]+/[\w./]*)`")


@pytest.mark.parametrize(("file", "name"), sorted(set(TEST.findall(PAGE))))
def test_proof_that_is_named_exists(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_every_rule_says_where_it_is_held() -> None:
    assert len(RULES) > 20
    for rule in RULES:
        held = rule.split("|")[2]
        files = FILE.findall(held)
        assert files or "every route" in held or "requirements" in held, rule
        assert [file for file in files if not (ROOT / file).exists()] == []
        assert TEST.search(rule.split("|")[3])
