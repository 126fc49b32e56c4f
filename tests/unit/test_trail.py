"""The id that leads from a request to all that follows from it."""

from __future__ import annotations

import pytest

from app.trail import add_trail, current_request_id, join, note, trail


def test_trail_has_an_id_of_its_own() -> None:
    with trail(tenant=3):
        first = current_request_id()
    with trail():
        second = current_request_id()

    assert len(first) == 32
    assert first != second
    assert current_request_id() == ""


def test_id_that_came_along_is_kept() -> None:
    with trail("0b2f-proxy_id.7"):
        assert current_request_id() == "0b2f-proxy_id.7"


@pytest.mark.parametrize("odd", ["", "short", "x" * 65, "with space in", 'a"quote-here', "é" * 9])
def test_id_that_is_not_well_formed_is_replaced(odd: str) -> None:
    with trail(odd):
        assert current_request_id() != odd
        assert len(current_request_id()) == 32


def test_work_that_joins_a_flow_remembers_its_own_id() -> None:
    with trail("a-request-of-a-customer"):
        join("the-click-of-the-rep", proposal="P-2026-0001")

        assert add_trail(None, "", {}) == {
            "request_id": "the-click-of-the-rep",
            "own_request_id": "a-request-of-a-customer",
            "proposal": "P-2026-0001",
        }


def test_trail_ends_with_its_block_whatever_happens() -> None:
    def broken() -> None:
        with trail():
            note(tenant=3)
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        broken()

    assert add_trail(None, "", {}) == {}
