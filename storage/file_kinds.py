"""The kinds of file that are accepted as scans, told by their first bytes, and the names they may carry."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from workflows.errors import Malformed, Unsupported

HEAD_BYTES = 32
MAX_NAME_CHARACTERS = 200

_UNTYPED = {"", "application/octet-stream", "binary/octet-stream"}
_BITMAP_HEADERS = {12, 40, 52, 56, 64, 108, 124}
_ACCEPTED = "PDF, OFD, JPEG, PNG, TIFF, WebP, HEIC, BMP"


class FileKind(StrEnum):
    """An accepted kind of file."""

    pdf = "pdf"
    jpeg = "jpeg"
    png = "png"
    tiff = "tiff"
    webp = "webp"
    bmp = "bmp"
    heic = "heic"
    ofd = "ofd"

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
    FileKind.heic: ("image/heic", "image/heif"),
    FileKind.ofd: ("application/ofd", "application/vnd.ofd", "application/zip", "application/x-zip-compressed"),
}
_EXTENSIONS = {
    FileKind.pdf: (".pdf",),
    FileKind.jpeg: (".jpg", ".jpeg", ".jpe", ".jfif"),
    FileKind.png: (".png",),
    FileKind.tiff: (".tif", ".tiff"),
    FileKind.webp: (".webp",),
    FileKind.bmp: (".bmp", ".dib"),
    FileKind.heic: (".heic", ".heif", ".hif"),
    FileKind.ofd: (".ofd",),
}


_STARTS = {
    b"%PDF-": FileKind.pdf,
    b"\xff\xd8\xff": FileKind.jpeg,
    b"\x89PNG\r\n\x1a\n": FileKind.png,
    b"II*\0": FileKind.tiff,
    b"MM\0*": FileKind.tiff,
    b"II+\0": FileKind.tiff,
    b"MM\0+": FileKind.tiff,
}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis"}  # ISO/IEC 23008-12: still pictures coded in HEVC
_ZIP_START = b"PK\x03\x04"


def sniff(head: bytes) -> FileKind | None:
    """Tell the kind from the first ``HEAD_BYTES`` bytes; None for a kind that is not accepted.

    An OFD is told by its package only: whoever looks inside has to find a document in it.
    """
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.webp
    if head[4:8] == b"ftyp" and _HEIF_BRANDS & {head[place : place + 4] for place in (8, *range(16, len(head), 4))}:
        return FileKind.heic
    # Two letters alone would take in any text that begins with BM.
    header = int.from_bytes(head[14:18], "little")
    if head[:2] == b"BM" and head[6:10] == bytes(4) and header in _BITMAP_HEADERS:
        return FileKind.bmp
    return FileKind.ofd if head.startswith(_ZIP_START) else None


def agreed_kind(head: bytes, declared_type: str | None, name: str) -> FileKind:
    """Return the kind on which the bytes, the declared media type and the extension of the name agree.

    :param declared_type: media type that the sender declared; None, empty and octet-stream declare nothing.
    :param name: file name; without an extension it declares nothing.
    :raises Unsupported: ``type_not_accepted`` and its more telling kin (``gif_not_accepted``, ``svg_not_accepted``,
        ``office_not_accepted``, ``archive_not_accepted``, ``pdf_preceded``) or, where the three disagree,
        ``type_mismatch``.
    """
    kind = sniff(head)
    if kind is None or (kind is FileKind.ofd and not _claims_ofd(declared_type, name)):
        raise _not_accepted(head, name)
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


def _claims_ofd(declared_type: str | None, name: str) -> bool:
    return _extension(name) == ".ofd" or (declared_type or "").partition(";")[0].strip().lower() in {
        "application/ofd",
        "application/vnd.ofd",
    }


def _not_accepted(head: bytes, name: str) -> Unsupported:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    office = head.startswith(b"\xd0\xcf\x11\xe0") or (
        head.startswith(_ZIP_START) and _extension(name) in {".docx", ".xlsx", ".pptx", ".wps", ".et", ".odt"}
    )
    if head.startswith(b"GIF8"):
        return Unsupported(
            "gif_not_accepted",
            "不接受 GIF：多为动图，颜色也不足。请改存为 PNG 或 JPEG，或重新扫描后上传。",
            "GIF is not accepted: it is often animated and lacks colours. Save it as PNG or JPEG, or scan it again.",
        )
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and _extension(name) == ".svg"):
        return Unsupported(
            "svg_not_accepted",
            "不接受 SVG：其中可以带脚本，显示结果不固定。请导出为 PDF 或 PNG 后上传。",
            "SVG is not accepted: it may hold scripts and has no fixed look. Export it to PDF or PNG.",
        )
    if office:
        return Unsupported(
            "office_not_accepted",
            "不接受 Word、Excel、WPS 等文档：内容可以改动。请导出为 PDF 后上传。",
            "Office documents are not accepted, for they can be changed. Export it to PDF and upload that.",
        )
    if b"%PDF-" in head:
        return _preceded_pdf()
    if head.startswith((_ZIP_START, b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        return Unsupported(
            "archive_not_accepted",
            "不接受压缩包。请解压后逐个上传其中的文件。",
            "Archives are not accepted. Unpack it and upload each file by itself.",
        )
    return Unsupported(
        "type_not_accepted",
        f"不接受这种类型的文件。请改用 {_ACCEPTED} 格式后重新上传。",
        f"This kind of file is not accepted. Save it as one of {_ACCEPTED} and upload it again.",
    )


def _preceded_pdf() -> Unsupported:
    return Unsupported(
        "pdf_preceded",
        "PDF 开头之前还有别的内容，不合规范，各阅读器显示可能不同。请打开后打印为 PDF，再上传。",
        "Something comes before the beginning of the PDF, so readers may show different things."
        " Open it, print it to PDF and upload that.",
    )


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
