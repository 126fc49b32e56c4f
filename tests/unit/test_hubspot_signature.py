"""HubSpot's v3 signature: official vectors, the twelve decodings, five minutes either way."""

from __future__ import annotations

import pytest

from app.hubspot_signature import is_genuine, sign, signed_uri

# HubSpot's own test data.
SECRET = "f6e94c08-85d0-4608-bcc6-e1850176e7b8"
URI = "https://www.hubspot.com/webhook"
STAMP = "1632188626483"
VECTORS = [
    (b"REQUEST_BODY", "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU="),
    (b"", "csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE="),
]
MINUTES = 60 * 1000


def genuine(
    body: bytes, signature: str, *, secret: str = SECRET, stamp: str = STAMP, late_ms: int = 0
) -> bool:
    now = int(STAMP) + late_ms
    return is_genuine([secret], "POST", URI, body, timestamp=stamp, signature=signature, now_ms=now)


@pytest.mark.parametrize(("body", "signature"), VECTORS)
def test_official_vector_is_genuine(body: bytes, signature: str) -> None:
    assert sign(SECRET, "POST", URI, body, STAMP) == signature
    assert genuine(body, signature)


BODY, SIGNATURE = VECTORS[0]


@pytest.mark.parametrize(
    ("late_ms", "fresh"),
    [
        (0, True),
        (5 * MINUTES, True),
        (5 * MINUTES + 1, False),
        (-5 * MINUTES, True),
        (-5 * MINUTES - 1, False),
        (-24 * 60 * MINUTES, False),
    ],
)
def test_five_minutes_either_way(late_ms: int, fresh: bool) -> None:
    assert genuine(BODY, SIGNATURE, late_ms=late_ms) is fresh


@pytest.mark.parametrize(
    "stamp",
    ["", "now", "1632188626.483", "1632188626483.0", " 1632188626483", "-1", "١٦٣٢", "9" * 16],
)
def test_odd_timestamp_is_refused(stamp: str) -> None:
    assert not genuine(BODY, sign(SECRET, "POST", URI, BODY, stamp), stamp=stamp)


def test_timestamp_in_seconds_is_refused() -> None:
    stamp = STAMP[:-3]

    assert not genuine(BODY, sign(SECRET, "POST", URI, BODY, stamp), stamp=stamp)


@pytest.mark.parametrize("signature", ["", "é", SIGNATURE.lower(), SIGNATURE[:-1], "x" * 5000])
def test_other_signature_is_refused(signature: str) -> None:
    assert not genuine(BODY, signature)


def test_other_body_or_secret_is_refused() -> None:
    assert not genuine(b"REQUEST_BODY ", SIGNATURE)
    assert not genuine(BODY, SIGNATURE, secret="another")


def test_each_secret_of_a_rotation_is_good() -> None:
    stamp = {"timestamp": STAMP, "signature": SIGNATURE, "now_ms": int(STAMP)}

    assert is_genuine(["new", SECRET], "POST", URI, BODY, **stamp)  # type: ignore[arg-type]
    assert is_genuine([SECRET, "old"], "POST", URI, BODY, **stamp)  # type: ignore[arg-type]
    assert not is_genuine(["new", "old"], "POST", URI, BODY, **stamp)  # type: ignore[arg-type]


def test_other_method_or_address_is_refused() -> None:
    for method, uri in (("GET", URI), ("POST", f"{URI}?portalId=1")):
        assert not is_genuine(
            [SECRET], method, uri, BODY, timestamp=STAMP, signature=SIGNATURE, now_ms=int(STAMP)
        )


TWELVE = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$",
    "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip


@pytest.mark.parametrize(("escape", "sign_"), TWELVE.items())
def test_twelve_escapes_are_decoded(escape: str, sign_: str) -> None:
    for written in (escape, escape.lower()):
        uri = signed_uri("https://propale.example", f"/api/card?x=a{written}b")

        assert uri == f"https://propale.example/api/card?x=a{sign_}b"


@pytest.mark.parametrize("escape", ["%20", "%2B", "%26", "%3D", "%25", "%23", "%C3%A9", "%2", "+"])
def test_other_escapes_stay_as_they_came(escape: str) -> None:
    assert signed_uri("https://p.example", f"/x?a={escape}") == f"https://p.example/x?a={escape}"


def test_escape_is_decoded_once() -> None:
    assert signed_uri("https://p.example", "/x?a=%253A") == "https://p.example/x?a=%253A"


@pytest.mark.parametrize(
    "target",
    [
        "/api/card?x=1",
        "https://propale.example/api/card?x=1",
        "http://evil.example:8080/api/card?x=1",
        "HTTPS://EVIL.example/api/card?x=1",
    ],
)
def test_origin_is_always_our_own(target: str) -> None:
    assert signed_uri("https://propale.example", target) == "https://propale.example/api/card?x=1"


def test_port_of_the_public_address_is_kept() -> None:
    assert signed_uri("http://127.0.0.1:8000", "/x") == "http://127.0.0.1:8000/x"
