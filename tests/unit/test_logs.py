"""Logs say what happened, one line each, and never a secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hubspot.crm.objects.exceptions import ApiException
from hypothesis import given, settings
from hypothesis import strategies as st

from app.logs import get_logger, set_up_logging, start_logging
from app.settings import Settings
from app.trail import trail
from tests.support.environ import CLOSED
from tests.support.logs import logging_put_back
from tests.unit.test_settings import PRODUCTION

OURS = "an-ordinary-looking-key"
HOSTILE = (
    "Bearer ",
    "Basic abc",
    "token=",
    'password="',
    "://u:",
    "p@",
    "secret: ",
    "/p/",
    "xoxb-",
)


class Lines(io.StringIO):
    """What was written, line by line."""

    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def written() -> Iterator[Lines]:
    """The lines of a process in production."""
    lines = Lines()
    with logging_put_back():
        set_up_logging("INFO", as_json=True, secrets=(OURS,), stream=lines)
        yield lines


def fail(words: str) -> None:
    raise ValueError(words)


def test_line_says_what_where_and_when(written: Lines) -> None:
    with trail("a-request-id", tenant=3):
        get_logger("tests").info("message", outcome="done")

    [line] = written.json()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "message",
        "outcome": "done",
        "level": "info",
        "module": "tests",
        "tenant": 3,
        "request_id": "a-request-id",
    }


def test_library_writes_the_same_lines(written: Lines) -> None:
    with trail("a-request-id", tenant=3):
        logging.getLogger("library").warning("%s is odd", "this")

    [line] = written.json()
    said = ("event", "level", "module", "tenant", "request_id")
    assert [line[name] for name in said] == ["this is odd", "warning", "library", 3, "a-request-id"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\x0b"])
def test_line_break_in_words_forges_no_line(written: Lines, end: str) -> None:
    forged = f'Dana{end}{{"event": "forged"}}'
    get_logger("tests").info("message", name=forged)
    logging.getLogger("library").warning("%s came", forged)

    lines = [json.loads(line) for line in written.getvalue().removesuffix("\n").split("\n")]
    assert [line["event"] for line in lines] == ["message", f"{forged} came"]


def test_quieter_lines_are_left_out(written: Lines) -> None:
    get_logger("tests").debug("probe")
    logging.getLogger("library").debug("detail")

    assert written.json() == []


def test_trace_of_an_error_is_one_redacted_line(written: Lines) -> None:
    for log in (get_logger("tests"), logging.getLogger("library")):
        try:
            fail("sk_test_0123456789 beside " + OURS)
        except ValueError:
            log.exception("failed with rk_live_1")

    for line in written.json():
        assert line["event"] == "failed with ***"
        assert line["exception"].startswith("Traceback")
        assert line["exception"].endswith("ValueError: *** beside ***")


def test_error_of_a_vendors_sdk_is_redacted(written: Lines) -> None:
    answer = ApiException(status=400, reason="Bad Request")  # type: ignore[no-untyped-call]
    answer.body = '{"refresh_token": "eu1-0123456789-abcdef", "message": "refused"}'
    answer.headers = {"Authorization": "Bearer CPjx0123456789"}
    try:
        raise answer
    except ApiException:
        get_logger("tests").exception("HubSpot refused", detail={"key": "whsec_0123456789"})

    said = written.getvalue()
    assert "Bad Request" in said
    assert "0123456789" not in said


def test_readable_line_shows_the_same() -> None:
    lines = Lines()
    with logging_put_back(), trail(tenant=3):
        set_up_logging("INFO", stream=lines)
        get_logger("tests").info("message", outcome="done", key="sk_live_0123")

    assert "message" in lines.getvalue()
    assert "tenant=3" in lines.getvalue()
    assert "outcome=done" in lines.getvalue()
    assert "sk_live_0123" not in lines.getvalue()


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), st.text() | st.sampled_from(HOSTILE), max_size=4))
def test_redacted_line_is_still_json(said: dict[str, str]) -> None:
    lines = Lines()
    with logging_put_back():
        set_up_logging("INFO", as_json=True, stream=lines)
        get_logger("tests").info("message", said=said, more=json.dumps(said))

    [line] = lines.json()
    assert line["event"] == "message"


@pytest.mark.parametrize(("environment", "as_json"), [(PRODUCTION, True), (CLOSED, False)])
def test_production_writes_json(
    environment: dict[str, str], as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_put_back():
        start_logging(Settings.from_env(environment))
        get_logger("tests").warning("hello", key=CLOSED["SECRET_KEY"])

    said = capsys.readouterr().err
    assert said.startswith("{") is as_json
    assert "hello" in said
    assert CLOSED["SECRET_KEY"] not in said
