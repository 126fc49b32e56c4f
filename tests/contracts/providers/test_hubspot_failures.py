"""How HubSpot's failures arrive: every kind, each call once, nothing repeated underneath."""

import socket
import threading
import time

import pytest

from app.errors import FailureKind, ProviderError
from app.providers.hubspot import transport
from app.providers.hubspot.crm import HubSpotCrm
from sandbox.server import Server

DEAL = "/crm/objects/2026-09/deals/5101"


def read_failure(crm: HubSpotCrm) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        crm.read_deal("5101")
    return failed.value


def write_failure(crm: HubSpotCrm) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        crm.update_deal("5101", {"dealname": "after"})
    return failed.value


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (429, FailureKind.RETRYABLE, FailureKind.RETRYABLE),
        (423, FailureKind.RETRYABLE, FailureKind.RETRYABLE),
        (477, FailureKind.RETRYABLE, FailureKind.RETRYABLE),
        (502, FailureKind.RETRYABLE, FailureKind.UNKNOWN_OUTCOME),
        (401, FailureKind.AUTH, FailureKind.AUTH),
        (403, FailureKind.PERMANENT, FailureKind.PERMANENT),
        (400, FailureKind.PERMANENT, FailureKind.PERMANENT),
    ],
)
def test_status_has_its_kind_and_arrives_once(
    sandbox: Server, crm: HubSpotCrm, status: int, reading: FailureKind, writing: FailureKind
) -> None:
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, status=status, times=2)

    assert read_failure(crm).kind is reading
    assert write_failure(crm).kind is writing
    assert sandbox.world.journal.count("hubspot", "GET", DEAL) == 1
    assert sandbox.world.journal.count("hubspot", "PATCH", DEAL) == 1


def test_slow_down_carries_its_seconds(sandbox: Server, crm: HubSpotCrm) -> None:
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, status=429, headers={"Retry-After": "7"})

    assert read_failure(crm).retry_after == 7.0


def test_missing_scope_waits_for_the_portal(sandbox: Server, crm: HubSpotCrm) -> None:
    body = {"status": "error", "category": "MISSING_SCOPES", "message": "no scope"}
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, status=403, body=body)

    assert read_failure(crm).kind is FailureKind.BLOCKED


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", "[]", '"x"'])
def test_error_page_of_something_between_is_read(
    sandbox: Server, crm: HubSpotCrm, body: str
) -> None:
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, status=502, body=body)

    assert read_failure(crm).code == "502"


def test_success_that_is_no_json_is_no_success(sandbox: Server, crm: HubSpotCrm) -> None:
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, status=200, body="<html>", times=2)

    assert read_failure(crm).kind is FailureKind.RETRYABLE
    assert write_failure(crm).kind is FailureKind.UNKNOWN_OUTCOME


def test_garbled_answer_is_no_answer(sandbox: Server, crm: HubSpotCrm) -> None:
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, garbled=True, times=2)

    assert read_failure(crm).kind is FailureKind.RETRYABLE
    assert write_failure(crm).kind is FailureKind.UNKNOWN_OUTCOME
    assert crm.read_deal("5101").name == "after"


def test_cut_read_is_retryable_and_arrives_once(sandbox: Server, crm: HubSpotCrm) -> None:
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, cut="before")

    assert read_failure(crm).kind is FailureKind.RETRYABLE
    assert sandbox.world.journal.count("hubspot", "GET", DEAL) == 1


def test_write_whose_answer_is_lost_is_unknown(sandbox: Server, crm: HubSpotCrm) -> None:
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, method="PATCH", cut="after")

    assert write_failure(crm).kind is FailureKind.UNKNOWN_OUTCOME
    assert crm.read_deal("5101").name == "after"
    assert sandbox.world.journal.count("hubspot", "PATCH", DEAL) == 1


def test_failure_of_one_parallel_read_is_told(sandbox: Server, crm: HubSpotCrm) -> None:
    path = "/crm/objects/2026-09/line_items/batch/read"
    sandbox.world.faults.arm(vendor="hubspot", path=path, status=500)

    assert read_failure(crm).kind is FailureKind.RETRYABLE


def test_refused_connection_is_retryable_for_writes(closed_port: int) -> None:
    crm = HubSpotCrm(f"http://127.0.0.1:{closed_port}", "token")

    assert write_failure(crm).kind is FailureKind.RETRYABLE


def test_answer_in_another_alphabet_is_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_answer_latin, args=(server,), daemon=True).start()
        crm = HubSpotCrm(f"http://127.0.0.1:{server.getsockname()[1]}", "token")

        assert write_failure(crm).kind is FailureKind.UNKNOWN_OUTCOME


def test_timed_out_read_arrives_exactly_once(
    sandbox: Server, crm: HubSpotCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_SECONDS", (2, 0.3))  # ten seconds would say no more
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, delay=1, times=4)
    started = time.monotonic()

    assert read_failure(crm).kind is FailureKind.RETRYABLE
    assert 0.3 <= time.monotonic() - started < 1
    assert sandbox.world.journal.count("hubspot", "GET", DEAL) == 1


@pytest.mark.long
def test_read_is_waited_for_ten_seconds(sandbox: Server, crm: HubSpotCrm) -> None:
    sandbox.world.faults.arm(vendor="hubspot", path=DEAL, delay=11, times=4)
    started = time.monotonic()

    assert read_failure(crm).kind is FailureKind.RETRYABLE
    assert 9 < time.monotonic() - started < 11
    assert sandbox.world.journal.count("hubspot", "GET", DEAL) == 1


def _answer_latin(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        body = "Passerelle arrêtée".encode("latin-1")
        head = f"HTTP/1.1 502 Bad Gateway\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
