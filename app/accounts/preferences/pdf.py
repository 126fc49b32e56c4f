"""An uploaded PDF: whole, readable, and nothing in it that acts."""

import io
import re
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

MOST_OBJECTS = 20_000
MOST_PAGES = 200
DEEPEST = 50
HEAD, TAIL = b"%PDF-", b"%%EOF"
# Actions (ISO 32000-2, table 201) but those that go to a page or open a web address.
ACTIONS = {
    "/GoToR", "/GoToE", "/GoToDp", "/Launch", "/Thread", "/Sound", "/Movie", "/Hide", "/SubmitForm",
    "/ResetForm", "/ImportData", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView",
    "/JavaScript", "/RichMediaExecute",
}  # fmt: skip
HOLDING = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"}
ELSEWHERE = {"/F", "/Ref"}  # a stream with one of these is a file outside of the document
# Where one name stands twice in a dictionary, or one number over two objects, readers differ in
# which they take. So these stand nowhere: they are too long to be in compressed bytes by chance.
NOWHERE = re.compile(
    rb"/(Launch|JavaScript|GoToR|GoToE|GoToDp|SubmitForm|ImportData|Rendition|RichMediaExecute"
    rb"|RichMediaContent|EmbeddedFiles?)\b"
)
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
OTHER_SCHEME = re.compile(r"(?i)\s*(?!(?:https?|mailto|tel):)[a-z][a-z0-9+.-]*:")
BROKEN = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError)


class PdfRefusedError(ValueError):
    """`code` is `unreadable`, `locked`, `acting` or `too_large`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_pdf(content: bytes) -> None:
    """Raise `PdfRefusedError` unless it is a plain document that any viewer may open."""
    if not (content.startswith(HEAD) and content.rstrip().endswith(TAIL)):
        raise PdfRefusedError("unreadable")
    try:
        _check_words(content)
        _check(PdfReader(io.BytesIO(content)))
    except PdfRefusedError:
        raise
    except BROKEN as error:
        raise PdfRefusedError("unreadable") from error


def _check(reader: PdfReader) -> None:
    if reader.is_encrypted:
        raise PdfRefusedError("locked")
    ids = {(number, generation) for generation, found in reader.xref.items() for number in found}
    ids |= {(number, 0) for number in reader.xref_objStm}
    if len(ids) > MOST_OBJECTS:
        raise PdfRefusedError("too_large")
    for number, generation in ids:
        _check_object(reader.get_object(IndirectObject(number, generation, reader)))
    for number in {holder for holder, _ in reader.xref_objStm.values()}:
        holder = reader.get_object(IndirectObject(number, 0, reader))
        if isinstance(holder, StreamObject):
            _check_words(holder.get_data())
    if not 0 < len(reader.pages) <= MOST_PAGES:
        raise PdfRefusedError("unreadable" if not reader.pages else "too_large")


def _check_words(content: bytes) -> None:
    plain = ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)
    if NOWHERE.search(plain):
        raise PdfRefusedError("acting")


def _check_object(value: Any) -> None:
    if any(_acts(found) for found in _dictionaries(value)):
        raise PdfRefusedError("acting")


def _dictionaries(value: Any, depth: int = 0) -> Iterator[DictionaryObject]:
    """Every dictionary in this object; those it refers to are objects of their own."""
    if depth > DEEPEST:
        raise PdfRefusedError("too_large")
    if isinstance(value, DictionaryObject):
        yield value
        inner = list(value.values())
    else:
        inner = list(value) if isinstance(value, ArrayObject) else []
    for one in inner:
        if not isinstance(one, IndirectObject):
            yield from _dictionaries(one, depth + 1)


def _acts(found: DictionaryObject) -> bool:
    """A dictionary that is an action, or that holds a script, a file or a form's program."""
    holds = bool(HOLDING & found.keys()) or _said(found, "/Type") == "/EmbeddedFile"
    elsewhere = isinstance(found, StreamObject) and bool(ELSEWHERE & found.keys())
    leads_astray = OTHER_SCHEME.match(str(_said(found, "/URI")))
    return holds or elsewhere or bool(leads_astray) or _said(found, "/S") in ACTIONS


def _said(found: DictionaryObject, name: str) -> Any:
    """The value itself, where the dictionary only says which object is it; "" for none."""
    value = found.get(name, "")
    return value.get_object() if isinstance(value, IndirectObject) else value
