"""Process death at every point, under every fault of a vendor: a sample with each of them.

`test_all_crashes.py` plays all schedules with `--long`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from tests.faults.beginnings import LONGEST_KEPT, Beginnings
from tests.faults.crashes import FirstDay, Player, Result, in_words
from tests.faults.kept import KEPT
from tests.faults.schedules import HTTP, MAIL, Call, Schedule, schedules_of
from tests.faults.stories import STORIES
from tests.test_architecture import OURS, nodes
from workers.handlers import HANDLERS

pytestmark = pytest.mark.timeout(900)  # the sample is played before the first test
APART = 1499  # a prime, so that the sample meets schedules of every kind
FAULTS = {
    *((vendor, fault) for vendor in ("hubspot", "stripe", "slack") for fault in HTTP),
    *(("mail", fault) for fault in MAIL),
}


@pytest.fixture(scope="module")
def sample(first_day: FirstDay) -> Result:
    result, beginnings = Result(), Beginnings()
    for number, story in enumerate(STORIES):
        before = result.counted
        Player(first_day, story, result, beginnings).play_sample(number * APART)
        result.stories[story.name] = result.counted - before
    return result


def test_each_ends_in_one_effect_or_a_visible_dead_letter(
    sample: Result, record_property: Callable[[str, object], None]
) -> None:
    record_property("played", in_words(sample.counts))

    assert "\n".join(sample.wrong) == ""


def test_a_process_died_at_every_failpoint(sample: Result) -> None:
    named = {
        str(ast.literal_eval(call.args[0]))
        for module in OURS
        for call in nodes(module)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "failpoint"
    }

    assert named - sample.points == set()


def test_a_process_died_over_every_kind_of_message(sample: Result) -> None:
    assert set(HANDLERS) - sample.kinds == set()


def test_every_vendor_failed_in_every_way(sample: Result) -> None:
    assert FAULTS - sample.faults == set()


def test_each_way_of_disturbing_was_tried(sample: Result) -> None:
    assert sample.ways == {"death", "second death", "twice", "later", "frozen"}


def test_mail_of_two_unknown_ends_is_given_up_in_sight(first_day: FirstDay) -> None:
    once = next(story for story in STORIES if story.name == "once")
    player = Player(first_day, once, Result())
    mail = next(unit for unit in player.made.units if unit.label == "email.rep_accepted")
    lost = Call("mail", 0, "lost")

    for point in range(len(mail.points)):
        player.play(mail, Schedule((point,), lost, later=True))

    assert player.result.dead > 0
    assert player.result.wrong == []


def test_number_of_schedules_only_grows(sample: Result) -> None:
    fewer = {name: kept for name, kept in KEPT.items() if sample.stories.get(name, 0) < kept}

    assert fewer == {}, f"now there are {sample.stories}"


def test_story_that_grew_old_is_judged_by_its_new_recording(first_day: FirstDay) -> None:
    once = next(story for story in STORIES if story.name == "once")
    player = Player(first_day, once, Result())
    last = player.made.units[-1]
    schedules = [schedule for _base, schedule in schedules_of(last)][:2]

    player.made.made_at -= LONGEST_KEPT
    for schedule in schedules:
        player.play(last, schedule)

    assert player.made.units[-1] is not last
    assert player.result.wrong == []
