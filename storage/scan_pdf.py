"""PDF files as scans: pypdf looks into the structure, PDFium draws the pages.

Runs in the child process of ``storage.scan_child`` only: what it reads is hostile until proved otherwise. A
parser that stumbles may raise anything; that means a broken file.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pypdfium2
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NumberObject, PdfObject

from storage.scan_pages import PAGE_HEIGHT, PAGE_WIDTH, PAGE_WIDTH_ENOUGH, check_pixels
from storage.scan_verdicts import BadFileError, Limits

USUAL_DPI = 150
MAX_DPI = 300
MAX_OBJECTS = 500_000
MAX_SIDE_POINTS = 14_400  # ISO 32000-1 Annex C: the longest side of a page

_TAIL_BYTES = 2048
_FORBIDDEN_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/ImportData",
    "/SubmitForm",
    "/GoToE",
    "/Rendition",
    "/RichMediaExecute",
}
_FORBIDDEN_KEYS = {"/JS", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent"}


def inspect_pdf(path: Path, limits: Limits) -> int:
    """Return the number of pages.

    :raises BadFileError: the file is cut off, protected, without pages, too large in pages or points, or
        holds a script, a launch or form action, an attachment or an XFA form.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if b"startxref" not in _tail(path):
        raise BadFileError("file_broken")  # cut off: a lenient reader would show the pages that are left
    with path.open("rb") as file:  # given a path, the reader would take the whole file into memory
        return _inspect(PdfReader(file, strict=False), limits)


def _inspect(reader: PdfReader, limits: Limits) -> int:
    if reader.is_encrypted:
        raise BadFileError("file_encrypted")
    announced = cast(DictionaryObject, reader.root_object["/Pages"]).get("/Count", 0)
    if int(announced) > limits.max_pages:
        raise BadFileError("too_many_pages")
    _check_contents(reader, limits)
    pages = len(reader.pages)
    if pages == 0:
        raise BadFileError("file_broken")
    if pages > limits.max_pages:
        raise BadFileError("too_many_pages")
    for page in reader.pages:
        longest = max(abs(float(page.mediabox.width)), abs(float(page.mediabox.height)))
        if longest * float(page.user_unit) > MAX_SIDE_POINTS:
            raise BadFileError("page_too_large")
    return pages


def pdf_pages(path: Path) -> Iterator[Image.Image]:
    """Give the pages one by one, at most ``PAGE_WIDTH`` × ``PAGE_HEIGHT`` pixels and ``MAX_DPI``."""
    with pypdfium2.PdfDocument(path) as document:
        for number in range(len(document)):
            page = document[number]
            width, height = page.get_size()
            wide = min(max(width * USUAL_DPI / 72, PAGE_WIDTH_ENOUGH), PAGE_WIDTH)
            scale = min(wide / width, PAGE_HEIGHT / height, MAX_DPI / 72)
            # PDFium rounds up; a hair less keeps 1600 from becoming 1601.
            bitmap = page.render(scale=scale * (1 - 1e-6), limit_image_cache=True)
            yield bitmap.to_pil()
            bitmap.close()
            page.close()


def _check_contents(reader: PdfReader, limits: Limits) -> None:
    """Walk every object that a viewer can reach, streams unopened."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer]
    steps = 0
    while waiting:
        item = waiting.pop()
        steps += 1
        if steps > MAX_OBJECTS:
            raise BadFileError("processing_limit")
        if isinstance(item, IndirectObject):
            if (item.idnum, item.generation) in seen:
                continue
            seen.add((item.idnum, item.generation))
            item = item.get_object()
        if isinstance(item, DictionaryObject):
            _check_dictionary(item, limits)
            waiting.extend(value for value in item.values() if _holds_more(value))
        elif isinstance(item, ArrayObject):
            waiting.extend(value for value in item if _holds_more(value))


def _holds_more(value: PdfObject) -> bool:
    return isinstance(value, IndirectObject | DictionaryObject | ArrayObject)


def _check_dictionary(item: DictionaryObject, limits: Limits) -> None:
    if not _FORBIDDEN_KEYS.isdisjoint(item) or _name(item, "/S") in _FORBIDDEN_ACTIONS:
        raise BadFileError("active_content")
    if _name(item, "/Subtype") == "/Image":
        width, height = (cast(NumberObject, item[side]) for side in ("/Width", "/Height"))
        check_pixels(int(width), int(height), limits)


def _name(item: DictionaryObject, key: str) -> str:
    """Return the name under a key, also where a reference to it stands there."""
    return str(item[key]) if key in item else ""


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _TAIL_BYTES))
        return file.read()
