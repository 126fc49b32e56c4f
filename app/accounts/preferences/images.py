"""An uploaded picture made anew: only its pixels are kept, as PNG."""

import io
import struct

from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
# Twice the size in which pages, mails and receipts show it.
BOX = (480, 160)
LONGEST_SIDE = 5_000
MOST_PIXELS = 12_000_000
# A JPEG may be drawn over and over again, each time in full: a camera does it ten times.
MOST_SCANS, SCAN = 100, b"\xff\xda"
PNG_END = b"IEND\xaeB`\x82"
JPEG_END = b"\xff\xd9"
RIFF_HEAD = 8
BROKEN = (OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError, struct.error)


class ImageRefusedError(ValueError):
    """`code` is `unreadable` or `too_many_pixels`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean_image(content: bytes) -> bytes:
    """A PNG of the same picture, no larger than `BOX`, without metadata.

    What the bytes are decides, no name or declared type. Raises `ImageRefusedError` for anything
    but one whole PNG, JPEG or WebP, and before decoding for one that would fill the memory.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            _check(opened, content)
            return _anew(opened)
    except Image.DecompressionBombError as error:
        raise ImageRefusedError("too_many_pixels") from error
    except BROKEN as error:
        if isinstance(error, ImageRefusedError):
            raise
        raise ImageRefusedError("unreadable") from error


def _check(image: Image.Image, content: bytes) -> None:
    """The header alone has been read so far."""
    width, height = image.size
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise ImageRefusedError("too_many_pixels")
    drawn_too_often = image.format == "JPEG" and content.count(SCAN) > MOST_SCANS
    if drawn_too_often or not _ends_with_the_picture(image.format or "", content):
        raise ImageRefusedError("unreadable")


def _ends_with_the_picture(kind: str, content: bytes) -> bool:
    """Whether nothing follows it: such a file may be a page or an archive as well."""
    if kind == "PNG":
        return content.endswith(PNG_END)
    if kind == "JPEG":
        return content.rstrip(b"\0").endswith(JPEG_END)
    declared = struct.unpack("<I", content[4:RIFF_HEAD])[0]
    return len(content) - RIFF_HEAD in (declared, declared + declared % 2)


def _anew(opened: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(opened).convert("RGBA")
    upright.thumbnail(BOX, Image.Resampling.LANCZOS)
    pixels = Image.new("RGBA", upright.size)  # it inherits no profile, no text, no comment
    pixels.paste(upright)
    made = io.BytesIO()
    pixels.save(made, "PNG", optimize=True)
    return made.getvalue()
