"""Files that are two things at once (polyglots): a scan to us, an archive or a web page to the next program."""

from __future__ import annotations

import struct
from pathlib import Path

_HEAD_BYTES = 1024
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22
_ZIP_COMMENT_MOST = 65_535
_PDF_START = b"%PDF-"
# In the first kilobyte; readers of PDF and of web pages look for their start that far into a file.
_PAGE_STARTS = (b"<script", b"<html", b"<!doctype html", b"<svg", b"<?php")


def is_polyglot(path: Path) -> bool:
    """Whether the file would also open as a ZIP archive, a PDF or a web page; a PDF may be a PDF."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - _ZIP_END_BYTES - _ZIP_COMMENT_MOST))
        tail = file.read()
    lowered = head.lower()
    return _PDF_START in head[1:] or any(start in lowered for start in _PAGE_STARTS) or _ends_as_zip(tail)


def _ends_as_zip(tail: bytes) -> bool:
    """Whether an end-of-archive record stands where a reader of archives finds it (APPNOTE.TXT 4.3.16)."""
    place = tail.rfind(_ZIP_END)
    while place >= 0:
        if len(tail) - place >= _ZIP_END_BYTES:
            entries, directory = struct.unpack_from("<HL", tail, place + 10)
            if entries and directory:
                return True
        place = tail.rfind(_ZIP_END, 0, place)
    return False
