"""The kinds of file that are accepted as scans, told by their first bytes, and the names they may carry."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from workflows.errors import Malformed, Unsupported

HEAD_BYTES = 32
MAX_NAME_CHARACTERS = 200

_UNTYPED = {"", "application/octet-stream", "binary/octet-stream"}
_BITMAP_HEADERS = {12, 40, 52, 56, 64, 108, 124}
_ACCEPTED = "PDF, JPEG, PNG, TIFF, WebP, BMP"


class FileKind(StrEnum):
    """An accepted kind of file."""

    pdf = "pdf"
    jpeg = "jpeg"
    png = "png"
    tiff = "tiff"
    webp = "webp"
    bmp = "bmp"

    @property
    def media_type(self) -> str:
        """The registered media type, e.g. ``image/jpeg``."""
        return _MEDIA_TYPES[self][0]

    @property
    def extension(self) -> str:
        """The usual file extension, with its dot."""
        return _EXTENSIONS[self][0]


_MEDIA_TYPES = {
    FileKind.pdf: ("application/pdf", "application/x-pdf"),
    FileKind.jpeg: ("image/jpeg", "image/jpg", "image/pjpeg"),
    FileKind.png: ("image/png", "image/x-png"),
    FileKind.tiff: ("image/tiff", "image/tif", "image/x-tiff"),
    FileKind.webp: ("image/webp",),
    FileKind.bmp: ("image/bmp", "image/x-bmp", "image/x-ms-bmp"),
}
_EXTENSIONS = {
    FileKind.pdf: (".pdf",),
    FileKind.jpeg: (".jpg", ".jpeg", ".jpe", ".jfif"),
    FileKind.png: (".png",),
    FileKind.tiff: (".tif", ".tiff"),
    FileKind.webp: (".webp",),
    FileKind.bmp: (".bmp", ".dib"),
}


def sniff(head: bytes) -> FileKind | None:
    """Tell the kind from the first ``HEAD_BYTES`` bytes; None for a kind that is not accepted."""
    starts = {
        b"%PDF-": FileKind.pdf,
        b"\xff\xd8\xff": FileKind.jpeg,
        b"\x89PNG\r\n\x1a\n": FileKind.png,
        b"II*\0": FileKind.tiff,
        b"MM\0*": FileKind.tiff,
        b"II+\0": FileKind.tiff,
        b"MM\0+": FileKind.tiff,
    }
    for start, kind in starts.items():
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.webp
    # Two letters alone would take in any text that begins with BM.
    header = int.from_bytes(head[14:18], "little")
    if head[:2] == b"BM" and head[6:10] == bytes(4) and header in _BITMAP_HEADERS:
        return FileKind.bmp
    return None


def agreed_kind(head: bytes, declared_type: str | None, name: str) -> FileKind:
    """Return the kind on which the bytes, the declared media type and the extension of the name agree.

    :param declared_type: media type that the sender declared; None, empty and octet-stream declare nothing.
    :param name: file name; without an extension it declares nothing.
    :raises Unsupported: ``type_not_accepted`` or, where the three disagree, ``type_mismatch``.
    """
    kind = sniff(head)
    if kind is None:
        raise Unsupported(
            "type_not_accepted",
            f"不接受这种类型的文件。请改用 {_ACCEPTED} 格式后重新上传。",
            f"This kind of file is not accepted. Save it as one of {_ACCEPTED} and upload it again.",
        )
    declared = (declared_type or "").partition(";")[0].strip().lower()
    extension = _extension(name)
    if (declared not in _UNTYPED and declared not in _MEDIA_TYPES[kind]) or (
        extension and extension not in _EXTENSIONS[kind]
    ):
        raise Unsupported(
            "type_mismatch",
            f"文件内容是 {kind.upper()}，与其扩展名或声明的类型不符。请按实际格式重新保存后上传。",
            f"The content is {kind.upper()}, but its extension or declared type says otherwise."
            " Save it under its real format and upload it again.",
            found=kind.value,
        )
    return kind


def safe_name(name: str) -> str:
    """Return a file name fit to be shown, NFC-normalised and trimmed.

    :raises Malformed: ``unsafe_file_name`` where it holds a path, a control or direction mark, or is longer
        than ``MAX_NAME_CHARACTERS``.
    """
    shown = unicodedata.normalize("NFC", name).strip()
    if (
        len(shown) > MAX_NAME_CHARACTERS
        or shown in {".", ".."}
        or any(c in "/\\" or unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in name)
    ):
        raise Malformed(
            "unsafe_file_name",
            f"文件名含有路径、控制字符或方向符号，或超过 {MAX_NAME_CHARACTERS} 个字符。请改名后重新上传。",
            "The file name holds a path, control or direction characters, or is longer than"
            f" {MAX_NAME_CHARACTERS} characters. Rename the file and upload it again.",
        )
    return shown


def _extension(name: str) -> str:
    stem, dot, last = name.rpartition(".")
    # 「1.营业执照」 has a dot and no extension.
    return f".{last.lower()}" if dot and stem and last.isascii() and last.isalnum() and len(last) <= 5 else ""
