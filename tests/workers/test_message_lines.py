"""Each attempt at a message is one line that says how it ended, and why."""

from __future__ import annotations

from app import messages
from app.messages import Claimed
from app.models import Message
from app.runtime import Runtime
from app.trail import trail
from tests.support.house import House
from tests.support.logs import Line, Lines
from tests.workers.told import accepted, proposal_of, tell
from workers.attempt import Attempt
from workers.handler import Effect, Handler

KIND = "slack.paid"


def attempt(house: House, handler: Handler) -> None:
    """Have it worked once by another handler."""
    [claimed] = messages.claim(house.runtime.database, 1)
    Attempt(house.runtime, {KIND: handler}, claimed).make()


def the_line(lines: Lines) -> Line:
    [line] = lines.of("message", kind=KIND)
    return line


def test_attempt_is_one_line(house: House, lines: Lines) -> None:
    purchase = accepted(house)
    with trail("the-click-of-the-rep"):
        tell(house, KIND, purchase)

    house.drain.run()

    line = the_line(lines)
    assert (line["outcome"], line["log_level"]) == ("done", "info")
    assert line["request_id"] == "the-click-of-the-rep"
    assert line["tenant"] == house.tenant_id
    assert line["message"] == house.message(KIND).id
    assert line["attempt"] == 1
    assert line["proposal"] == proposal_of(house, purchase).number
    assert line["ms"] > 0


def test_message_that_follows_has_the_same_id(house: House) -> None:
    with trail("the-click-of-the-rep"):
        tell(house, KIND, accepted(house))

    def follow(_runtime: Runtime, _message: Claimed) -> Effect:
        return lambda session: messages.add(session, "email.rep_paid", "x", payload={})

    attempt(house, Handler(follow))

    assert house.message("email.rep_paid").request_id == "the-click-of-the-rep"


def test_refused_attempt_says_why_and_is_a_warning(house: House, lines: Lines) -> None:
    tell(house, KIND, accepted(house))
    house.fail("slack", status=503)

    house.drain.run()

    line = the_line(lines)
    assert (line["outcome"], line["log_level"]) == ("retried", "warning")
    assert "Slack refused" in line["error"]


def test_dead_letter_is_an_error(house: House, lines: Lines) -> None:
    tell(house, KIND, accepted(house))
    house.fail("slack", status=200, body={"ok": False, "error": "invalid_blocks"})

    house.drain.run()

    line = the_line(lines)
    assert (line["outcome"], line["log_level"]) == ("dead", "error")
    assert "invalid_blocks" in line["error"]


def test_ignored_message_says_why(house: House, lines: Lines) -> None:
    tell(house, KIND, accepted(house))

    def ignore(_runtime: Runtime, _message: Claimed) -> Effect:
        raise messages.Ignored("nothing to say")

    attempt(house, Handler(ignore))

    line = the_line(lines)
    assert (line["outcome"], line["reason"]) == ("ignored", "nothing to say")


def test_error_of_ours_comes_with_its_trace(house: House, lines: Lines) -> None:
    tell(house, KIND, accepted(house))

    def stumble(_runtime: Runtime, _message: Claimed) -> Effect:
        raise ZeroDivisionError

    attempt(house, Handler(stumble))

    [trace] = lines.of("an error of ours")
    assert isinstance(trace["exc_info"], ZeroDivisionError)
    assert trace["message"] == the_line(lines)["message"]


def test_attempt_that_was_overtaken_says_so(house: House, lines: Lines) -> None:
    tell(house, KIND, accepted(house))

    def dawdle(runtime: Runtime, message: Claimed) -> Effect:
        with runtime.database.writing(house.tenant_id) as session:
            session.get_one(Message, message.id).attempts += 1
        return lambda _session: None

    attempt(house, Handler(dawdle))

    line = the_line(lines)
    assert (line["outcome"], line["log_level"]) == ("taken_over", "warning")
