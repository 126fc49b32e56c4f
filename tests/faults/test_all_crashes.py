"""All schedules of every story; spread over the cores with `-n 2`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.crashes import FirstDay, Result, play_story
from tests.faults.stories import STORIES, Story

pytestmark = [pytest.mark.long, pytest.mark.timeout(0)]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_each_ends_in_one_effect_or_a_visible_dead_letter(
    first_day: FirstDay, story: Story, record_property: Callable[[str, object], None]
) -> None:
    result = Result()

    play_story(first_day, story, result)

    record_property("played", f"{story.name}: {result}")
    assert "\n".join(result.wrong) == ""
