"""What is said of a file after looking into it, and within which limits it is looked into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

VerdictCode = Literal[
    "ok",
    "file_broken",
    "file_encrypted",
    "too_many_pages",
    "page_too_large",
    "active_content",
    "animated_image",
    "processing_limit",
]

MAX_BYTES = 50 * 1024 * 1024
MAX_PAGES = 500
MAX_PIXELS = 100_000_000
MAX_SECONDS = 60
MAX_MEMORY_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file.

    :ivar max_pages: pages or frames.
    :ivar max_pixels: pixels of one page or of one picture inside it.
    :ivar seconds: time to look into the file, wall and processor.
    :ivar seconds_per_page: time granted on top for each page found.
    :ivar memory_bytes: address space of the process that reads the file.
    """

    max_pages: int = MAX_PAGES
    max_pixels: int = MAX_PIXELS
    seconds: int = MAX_SECONDS
    seconds_per_page: int = 1
    memory_bytes: int = MAX_MEMORY_BYTES


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file may be kept, in words for the material line.

    :ivar code: ``ok`` or the stable code of the reason.
    :ivar pages: number of pages or frames, 0 where the file is refused before they are counted.
    :ivar detail: class of the failure for the log; never content of the file.
    """

    ok: bool
    code: VerdictCode
    zh: str
    en: str
    pages: int = 0
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One rendered page: JPEG files of the page and its thumbnail; width and height of the page in pixels."""

    number: int
    image: Path
    thumbnail: Path
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Processed:
    """A verdict and, where it is ``ok``, the pages in order."""

    verdict: Verdict
    pages: tuple[Page, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """What the child says on its standard output; sizes are those of the page images in pixels."""

    code: VerdictCode
    pages: int = 0
    sizes: list[tuple[int, int]] = []
    detail: str | None = None


class BadFileError(Exception):
    """Raised while a file is looked into: it may not be kept; ``code`` names the verdict."""

    def __init__(self, code: VerdictCode) -> None:
        super().__init__(code)
        self.code: VerdictCode = code


_TEXTS: dict[VerdictCode, tuple[str, str]] = {
    "ok": ("文件可以读取。", "The file can be read."),
    "file_broken": (
        "文件已损坏或不完整，无法读取。请重新扫描或重新导出后上传。",
        "The file is broken or incomplete and cannot be read. Scan or export it again and upload it.",
    ),
    "file_encrypted": (
        "文件设有密码或权限限制。请解除加密后重新上传。",
        "The file is protected by a password or by usage rights. Remove the protection and upload it again.",
    ),
    "too_many_pages": (
        "文件超过 {limits.max_pages} 页。请拆分后分别上传。",
        "The file has more than {limits.max_pages} pages. Split it and upload the parts.",
    ),
    "page_too_large": (
        "页面尺寸过大（每页不得超过 {limits.max_pixels:,} 像素）。请降低分辨率（建议 300 dpi）后重新扫描。",
        "A page is too large (at most {limits.max_pixels:,} pixels). Scan at a lower resolution (300 dpi).",
    ),
    "active_content": (
        "文件含有脚本、启动动作、内嵌附件或动态表单，不得作为申请材料。请打印为普通 PDF 后重新上传。",
        "The file holds a script, a launch action, an attachment or a dynamic form, which application"
        " materials must not. Print it to a plain PDF and upload that.",
    ),
    "animated_image": (
        "动态图像不能作为申请材料。请上传静态图像。",
        "An animated image cannot be application material. Upload a still image.",
    ),
    "processing_limit": (
        "文件过于复杂，处理超出时间或内存限制。请重新扫描为普通图像或 PDF 后上传。",
        "The file takes more time or memory than allowed. Scan it to a plain image or PDF and upload that.",
    ),
}


def verdict(code: VerdictCode, limits: Limits, pages: int = 0, detail: str | None = None) -> Verdict:
    """Make the verdict for one of the known codes, with its texts."""
    zh, en = (text.format(limits=limits) for text in _TEXTS[code])
    return Verdict(code == "ok", code, zh, en, pages, detail)
