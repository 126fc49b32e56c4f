"""All schedules of every story; spread over the cores with `-n 2`. What they count is added up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.crashes import FirstDay, Player, Result
from tests.faults.kept import slices
from tests.faults.stories import STORIES, Story

pytestmark = [pytest.mark.long, pytest.mark.timeout(0)]
SLICES = [
    pytest.param(story, part, id=f"{story.name} from {part.start}")
    for story in STORIES
    for part in slices(story.name)
]


@pytest.mark.parametrize(("story", "part"), SLICES)
def test_each_ends_in_one_effect_or_a_visible_dead_letter(
    first_day: FirstDay,
    story: Story,
    part: slice,
    record_property: Callable[[str, object], None],
) -> None:
    result = Result()

    Player(first_day, story, result).play_all(part)

    record_property("counts", result.counts)
    assert "\n".join(result.wrong) == ""
