"""What statuses, silence and Retry-After mean, for all vendors."""

import socket
from datetime import timedelta
from email.utils import format_datetime

import pytest
import requests
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NewConnectionError, ProtocolError

from app.clock import wall_now
from app.errors import FailureKind
from app.providers.outcome import kind_of_silence, kind_of_status, retry_after, sentence

REFUSED = NewConnectionError(HTTPConnection("127.0.0.1", 9), "refused")


@pytest.mark.parametrize("status", [408, 409, 423, 425, 429, 477])
@pytest.mark.parametrize("write", [False, True])
def test_refused_for_now_is_retryable(status: int, write: bool) -> None:
    assert kind_of_status(status, write=write) is FailureKind.RETRYABLE


@pytest.mark.parametrize(
    ("status", "write", "kind"),
    [
        (500, False, FailureKind.RETRYABLE),
        (503, True, FailureKind.UNKNOWN_OUTCOME),
        (401, True, FailureKind.AUTH),
        (400, True, FailureKind.PERMANENT),
        (302, False, FailureKind.PERMANENT),
    ],
)
def test_other_statuses_have_their_kind(status: int, write: bool, kind: FailureKind) -> None:
    assert kind_of_status(status, write=write) is kind


def test_refused_connection_under_layers_is_retryable() -> None:
    wrapped = requests.ConnectionError(ProtocolError("layers", REFUSED))

    assert kind_of_silence(wrapped, write=True) is FailureKind.RETRYABLE


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(), ProtocolError("cut")])
def test_silence_after_a_write_is_unknown(error: Exception) -> None:
    assert kind_of_silence(error, write=True) is FailureKind.UNKNOWN_OUTCOME
    assert kind_of_silence(error, write=False) is FailureKind.RETRYABLE


def test_unknown_host_is_retryable() -> None:
    assert kind_of_silence(socket.gaierror(), write=True) is FailureKind.RETRYABLE


def test_older_failure_being_handled_does_not_count() -> None:
    error = TimeoutError()
    error.__context__ = REFUSED

    assert kind_of_silence(error, write=True) is FailureKind.UNKNOWN_OUTCOME


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (None, None),
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "99999999"}, 3600.0),
        ({"Retry-After": "1e300"}, 3600.0),
    ],
)
def test_retry_after_reads_seconds(headers: dict[str, str] | None, seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_reads_a_date() -> None:
    header = format_datetime(wall_now() + timedelta(seconds=60), usegmt=True)

    seconds = retry_after({"Retry-After": header})

    assert seconds is not None
    assert 55 < seconds <= 60


def test_vendor_words_become_one_short_line() -> None:
    assert sentence("a\r\n b\tc") == "a b c"
    assert len(sentence("x" * 1000)) == 300
