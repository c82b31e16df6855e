"""The structure of a PDF: how many pages it has, and whether anything in it would act by itself.

Runs in the child process of ``storage.scan_child`` only: what it reads is hostile until proved otherwise. A
parser that stumbles may raise anything; that means a broken file.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pypdf import PdfReader
from pypdf.errors import LimitReachedError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NumberObject,
    PdfObject,
    StreamObject,
)

from storage.pdf_attachments import Attachments
from storage.scan_pages import check_pixels
from storage.scan_verdicts import BadFileError, Limits, VerdictCode

MAX_OBJECTS = 500_000
MAX_SIDE_POINTS = 14_400  # ISO 32000-1 Annex C: the longest side of a page

_TAIL_BYTES = 2048
_ACTIONS: dict[str, VerdictCode] = {
    "/JavaScript": "pdf_script",
    "/Launch": "pdf_launch",
    "/GoToE": "pdf_launch",
    "/GoToR": "pdf_launch",
    "/ImportData": "pdf_form_action",
    "/SubmitForm": "pdf_form_action",
    "/Rendition": "pdf_media",
    "/RichMediaExecute": "pdf_media",
    "/Movie": "pdf_media",
    "/Sound": "pdf_media",
    "/GoTo3DView": "pdf_media",
}
_KEYS: dict[str, VerdictCode] = {
    "/JS": "pdf_script",
    "/XFA": "pdf_dynamic_form",
    "/RichMediaContent": "pdf_media",
}
_UNASKED = ("/OpenAction", "/AA")  # actions that need no click
_UNPACKING = {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}
_PACKED_ENOUGH = 64 * 1024  # what is packed smaller unpacks to 66 MB at most


@dataclass(frozen=True, slots=True)
class PdfStructure:
    """What was found; ``xml_files`` counts the data files attached, as e-invoices have them."""

    pages: int
    xml_files: int


def inspect_pdf(path: Path, limits: Limits) -> PdfStructure:
    """Look through a PDF without drawing it.

    :raises BadFileError: the file is cut off, protected, without pages, too large in pages, points or unpacked, runs
        in a circle, or holds a script, a launch, form or media action, an attachment or an XFA form.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if b"startxref" not in _tail(path):
        if not _has_object(path):
            raise BadFileError("file_without_pages")
        raise BadFileError("file_broken")  # cut off: a lenient reader would show the pages that are left
    with path.open("rb") as file:  # given a path, the reader would take the whole file into memory
        try:
            return _inspect(PdfReader(file, strict=False), limits)
        except LimitReachedError as reached:
            raise BadFileError("pdf_loop" if _is_loop(reached) else "decompression_bomb") from reached


def _inspect(reader: PdfReader, limits: Limits) -> PdfStructure:
    if reader.is_encrypted:
        raise BadFileError("file_encrypted")
    tree = cast(DictionaryObject, reader.root_object["/Pages"])
    if int(tree.get("/Count", 0)) > limits.max_pages:
        raise BadFileError("too_many_pages")
    _check_tree(tree, limits)
    attachments = Attachments()
    _check_contents(reader, limits, attachments)
    pages = len(reader.pages)
    if pages == 0:
        raise BadFileError("file_without_pages")
    if pages > limits.max_pages:
        raise BadFileError("too_many_pages")
    for page in reader.pages:
        longest = max(abs(float(page.mediabox.width)), abs(float(page.mediabox.height)))
        if longest * float(page.user_unit) > MAX_SIDE_POINTS:
            raise BadFileError("page_too_large")
    return PdfStructure(pages, attachments.files)


def _check_tree(tree: DictionaryObject, limits: Limits) -> None:
    """Refuse pages that lead back to themselves, before a reader follows them."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, IndirectObject):
            if (node.idnum, node.generation) in seen:
                raise BadFileError("pdf_loop")
            seen.add((node.idnum, node.generation))
            if len(seen) > 4 * limits.max_pages + MAX_OBJECTS // 100:
                raise BadFileError("too_many_pages")
            node = node.get_object()
        if isinstance(node, DictionaryObject) and "/Kids" in node:
            waiting.extend(cast(ArrayObject, node["/Kids"]))


def _check_contents(reader: PdfReader, limits: Limits, attachments: Attachments) -> None:
    """Walk every object that a viewer can reach."""
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
            _check_dictionary(item, limits, attachments)
            waiting.extend(value for value in item.values() if _holds_more(value))
        elif isinstance(item, ArrayObject):
            waiting.extend(value for value in item if _holds_more(value))


def _holds_more(value: PdfObject) -> bool:
    return isinstance(value, IndirectObject | DictionaryObject | ArrayObject)


def _check_dictionary(item: DictionaryObject, limits: Limits, attachments: Attachments) -> None:
    for key, code in _KEYS.items():
        if key in item:
            raise BadFileError(code)
    if (action := _name(item, "/S")) in _ACTIONS:
        raise BadFileError(_ACTIONS[action])
    if any(_calls_out(item[key]) for key in _UNASKED if key in item):
        raise BadFileError("pdf_launch")
    if "/EF" in item:
        attachments.check(item)
    if _name(item, "/Subtype") == "/Image":
        width, height = (cast(NumberObject, item[side]) for side in ("/Width", "/Height"))
        check_pixels(int(width), int(height), limits)
    elif isinstance(item, StreamObject):
        _check_unpacking(item)


def _calls_out(started: PdfObject) -> bool:
    """Whether an action, those of ``/AA`` or one that follows them opens an address."""
    seen: set[int] = set()
    waiting: list[Any] = [started]
    while waiting:
        item = waiting.pop().get_object()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, ArrayObject):
            waiting.extend(item)
        elif isinstance(item, DictionaryObject) and _name(item, "/Type") != "/Page":
            if _name(item, "/S") == "/URI":
                return True
            waiting.extend(value for key, value in item.items() if key != "/D")
    return False


def _check_unpacking(stream: StreamObject) -> None:
    """Refuse what is packed twice, and unpack what is large enough to be a bomb; the reader has its bounds."""
    filters = cast(PdfObject, cast(PdfObject, stream.get("/Filter", ArrayObject())).get_object())
    names = list(filters) if isinstance(filters, ArrayObject) else [filters]
    packed = sum(str(name.get_object()) in _UNPACKING for name in names)
    if packed > 1:
        raise BadFileError("decompression_bomb")
    # The declared length may lie; what was read does not.
    if packed and len(stream._data) > _PACKED_ENOUGH:  # noqa: SLF001 - there is no public name for it
        stream.get_data()
        stream.decoded_self = None


def _name(item: DictionaryObject, key: str) -> str:
    """Return the name under a key, also where a reference to it stands there."""
    return str(item[key]) if key in item else ""


def _is_loop(reached: LimitReachedError) -> bool:
    told = str(reached).lower()
    return "cycl" in told or "loop" in told


def _has_object(path: Path) -> bool:
    with path.open("rb") as file:
        return b" obj" in file.read(64 * 1024)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _TAIL_BYTES))
        return file.read()
