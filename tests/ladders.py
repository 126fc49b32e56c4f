"""Reads a ladder drawn as a square: rows go to columns, `x` where they may."""

from __future__ import annotations


def read_ladder(drawn: str) -> dict[tuple[str, str], bool]:
    """Return (current, following) -> whether it may be, for every square."""
    head, *rows = [line.split() for line in drawn.strip().splitlines()]
    return {
        (row[0], following): mark == "x"
        for row in rows
        for following, mark in zip(head, row[1:], strict=True)
    }
