"""The storm believes a reconciliation only if it spoke of each seller and its status agrees."""

from __future__ import annotations

import pytest

from tests.chaos.reconciling import understood

FOUND = """148111  Un événement [evt_1] n'est jamais arrivé.
    [réparé] L'événement est pris.
148111: écarts 3, réparés 2, restants 1.
148222: aucun écart.
"""


def test_numbers_are_read_from_the_summaries() -> None:
    told = understood(1, FOUND)

    assert (told.found, told.left) == (3, 1)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (0, FOUND),  # something is left
        (1, "148111: no difference.\n148222: no difference.\n"),
        (1, "Traceback (most recent call last):"),
        (0, "148111: no difference.\n"),  # and the other seller?
        (2, ""),
    ],
)
def test_anything_else_is_no_reconciliation(status: int, said: str) -> None:
    with pytest.raises(RuntimeError, match=f"reconcile ended with {status}"):
        understood(status, said)
