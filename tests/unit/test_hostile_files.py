"""Files whose bytes were tampered with: refused with a reason, or harmless; never a fault."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter
from pypdf.annotations import Link

from app.accounts.preferences.images import BOX, ImageRefusedError, clean_image
from app.accounts.preferences.pdf import PdfRefusedError, check_pdf

SHARE, LONG_SHARE = 40, 1500


def picture(kind: str) -> bytes:
    made = io.BytesIO()
    shown = Image.radial_gradient("L").resize((60, 30)).convert("RGB")
    shown.save(made, kind, **({"exif": Image.Exif()} if kind != "PNG" else {}))
    return made.getvalue()


def document() -> bytes:
    made, writer = io.BytesIO(), PdfWriter()
    for number in range(2):
        writer.add_blank_page(width=100, height=100)
        writer.add_annotation(number, Link(rect=(0, 0, 9, 9), url="https://maison.example"))
        writer.pages[number].compress_content_streams()
    writer.write(made)
    return made.getvalue()


PICTURES = [picture(kind) for kind in ("PNG", "JPEG", "WEBP")]
PDF = document()
# Numbers that lengths and offsets are misled with, names that are looked up, nests without end.
ODD = [
    *(b"\0", b"\xff" * 4, b"\x7f\xff\xff\xff", b"99999999999", b"-1", b" 0 R", b"obj", b"endobj"),
    *(b"<<", b">>", b"[" * 2000, b"<<" * 500, b"/Prev 0", b"/Length 1", b"/Kids", b"/Root 1 0 R"),
    *(b"/Type/ObjStm/N 5/First 9", b"/Filter/FlateDecode", b"/W[1 2 2]", b"stream\n", b"%%EOF"),
]
places = st.floats(0, 1, exclude_max=True)
changes = st.lists(
    st.tuples(
        st.sampled_from(["replace", "insert", "cut"]),
        places,
        st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from(ODD)),
    ),
    min_size=1,
    max_size=4,
)


def tampered(whole: bytes, steps: list[tuple[str, float, bytes]]) -> bytes:
    """The file after some steps, its beginning and end kept, so that it is opened at all."""
    head, body, tail = whole[:8], whole[8:-8], whole[-8:]
    for what, place, odd in steps:
        at = int(place * len(body))
        kept = at if what == "insert" else at + len(odd)
        body = body[:at] + (b"" if what == "cut" else odd) + body[kept:]
    return head + body + tail


@pytest.fixture
def times(request: pytest.FixtureRequest) -> int:
    return LONG_SHARE if request.config.getoption("--long") else SHARE


def play(whole: bytes, check: Callable[[bytes], None], times: int) -> None:
    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        derandomize=times < 1000,
        suppress_health_check=list(HealthCheck),
    )
    @given(changes)
    def run(steps: list[tuple[str, float, bytes]]) -> None:
        check(tampered(whole, steps))

    run()


@pytest.mark.parametrize("whole", PICTURES, ids=["png", "jpeg", "webp"])
def test_tampered_picture_is_refused_or_made_anew(whole: bytes, times: int) -> None:
    def check(content: bytes) -> None:
        try:
            made = clean_image(content)
        except ImageRefusedError:
            return
        with Image.open(io.BytesIO(made), formats=["PNG"]) as shown:
            assert shown.width <= BOX[0]
            assert shown.height <= BOX[1]

    check(whole)
    play(whole, check, times)


def test_tampered_pdf_is_refused_or_plain(times: int) -> None:
    refused: set[str] = set()

    def check(content: bytes) -> None:
        try:
            check_pdf(content)
        except PdfRefusedError as error:
            refused.add(error.code)

    check_pdf(PDF)
    play(PDF, check, times)

    assert "unreadable" in refused
    assert refused <= {"unreadable", "locked", "acting", "too_large"}
