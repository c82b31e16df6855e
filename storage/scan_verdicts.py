"""What is said of a file after looking into it, and within which limits it is looked into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec

from workflows.page_advice import Advice

VerdictCode = Literal[
    "ok",
    "ok_without_preview",
    "file_broken",
    "file_without_pages",
    "file_encrypted",
    "too_many_pages",
    "page_too_large",
    "decompression_bomb",
    "polyglot",
    "pdf_script",
    "pdf_launch",
    "pdf_form_action",
    "pdf_attachment",
    "pdf_dynamic_form",
    "pdf_media",
    "pdf_loop",
    "ofd_hazard",
    "animated_image",
    "twelve_bit_image",
    "processing_limit",
]

GOOD: Final = frozenset[VerdictCode]({"ok", "ok_without_preview"})
"""Verdicts with which a file is kept."""
MAX_BYTES = 50 * 1024 * 1024
MAX_PAGES = 500
MAX_PIXELS = 100_000_000
MAX_SECONDS = 60
MAX_CPU_SECONDS = 10
MAX_MEMORY_BYTES = 1024**3
MAX_OUTPUT_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file.

    :ivar max_pages: pages or frames.
    :ivar max_pixels: pixels of one page or of one picture inside it.
    :ivar seconds: time to look into the file by the clock, however busy the machine is.
    :ivar seconds_per_page: time granted on top for each page found, by the clock and of the processor.
    :ivar cpu_seconds: processor time to look into the file, and then at most for any one page.
    :ivar memory_bytes: address space of the process that reads the file.
    :ivar output_bytes: all its page images together.
    """

    max_pages: int = MAX_PAGES
    max_pixels: int = MAX_PIXELS
    seconds: int = MAX_SECONDS
    seconds_per_page: int = 1
    cpu_seconds: int = MAX_CPU_SECONDS
    memory_bytes: int = MAX_MEMORY_BYTES
    output_bytes: int = MAX_OUTPUT_BYTES

    @property
    def longest(self) -> int:
        """Seconds by the clock that any file may take."""
        return self.seconds + self.seconds_per_page * self.max_pages


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file may be kept, in words for the material line.

    :ivar code: ``ok``, ``ok_without_preview`` or the stable code of the reason against it.
    :ivar pages: number of pages or frames, 0 where the file is refused before they are counted or has no preview.
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
    """One drawn page: JPEG files at three sizes; width and height in pixels of the largest; what was measured."""

    number: int
    image: Path
    screen: Path
    thumbnail: Path
    width: int
    height: int
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True)
class Processed:
    """A verdict and, where it is ``ok``, the pages in order."""

    verdict: Verdict
    pages: tuple[Page, ...] = ()


class PageAnswer(msgspec.Struct, frozen=True):
    """What the child says of one page; width and height in pixels of its largest image."""

    width: int
    height: int
    advice: list[Advice] = []


class Answer(msgspec.Struct, frozen=True):
    """What the child says of a file."""

    code: VerdictCode
    pages: list[PageAnswer] = []
    detail: str | None = None


class BadFileError(Exception):
    """Raised while a file is looked into: it may not be kept; ``code`` names the verdict."""

    def __init__(self, code: VerdictCode) -> None:
        super().__init__(code)
        self.code: VerdictCode = code


_TEXTS: dict[VerdictCode, tuple[str, str]] = {
    "ok": ("文件可以读取。", "The file can be read."),
    "ok_without_preview": (
        "文件已接收，原件照存；OFD 文件不能在此预览，请下载后用 OFD 阅读器查看。",
        "The file is accepted and the original kept; OFD cannot be shown here. Download it and use an OFD reader.",
    ),
    "file_without_pages": (
        "文件里没有任何页面。请重新扫描或重新导出后上传。",
        "The file has no pages at all. Scan or export it again and upload it.",
    ),
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
    "decompression_bomb": (
        "文件解压后大得异常，已拒绝处理。请重新扫描为普通图像或 PDF 后上传。",
        "The file unpacks to an abnormal size and was refused. Scan it to a plain image or PDF and upload that.",
    ),
    "polyglot": (
        "文件同时是另一种类型的文件（如压缩包、网页），不得作为申请材料。请重新扫描或另存后上传。",
        "The file is a file of another type at the same time (an archive, a web page), which application materials"
        " must not be. Scan it or save it anew and upload that.",
    ),
    "pdf_script": (
        "PDF 含有脚本（JavaScript），不得作为申请材料。请打印为普通 PDF 后重新上传。",
        "The PDF holds a script (JavaScript), which application materials must not. Print it to a plain PDF.",
    ),
    "pdf_launch": (
        "PDF 含有启动程序或打开其他文件的动作，不得作为申请材料。请打印为普通 PDF 后重新上传。",
        "The PDF would start a program or open another file. Print it to a plain PDF and upload that.",
    ),
    "pdf_form_action": (
        "PDF 含有向外提交或导入数据的表单动作，不得作为申请材料。请打印为普通 PDF 后重新上传。",
        "The PDF would send form data out or take data in. Print it to a plain PDF and upload that.",
    ),
    "pdf_attachment": (
        "PDF 内嵌了其他文件，不得作为申请材料。请取出附件，作为单独材料分别上传。（仅可附带纯数据 XML，如电子发票。）",
        "The PDF carries other files inside. Take them out and upload each as a material of its own."
        " (Only plain XML data may be attached, as e-invoices do.)",
    ),
    "pdf_dynamic_form": (
        "PDF 是动态表单（XFA），内容会变化，不得作为申请材料。请打印为普通 PDF 后重新上传。",
        "The PDF is a dynamic form (XFA) whose content changes. Print it to a plain PDF and upload that.",
    ),
    "pdf_media": (
        "PDF 含有音频、视频或三维内容，不得作为申请材料。请打印为普通 PDF 后重新上传。",
        "The PDF holds sound, video or 3D content. Print it to a plain PDF and upload that.",
    ),
    "pdf_loop": (
        "PDF 的页面结构首尾相接，无法确定页数。请重新导出或打印为普通 PDF 后上传。",
        "The page structure of the PDF runs in a circle. Export it again or print it to a plain PDF.",
    ),
    "ofd_hazard": (
        "OFD 文件内部结构异常或受密码保护。请重新导出 OFD，或改用 PDF 上传。",
        "The OFD file is protected or irregular inside. Export it again, or upload a PDF.",
    ),
    "animated_image": (
        "动态图像不能作为申请材料。请上传静态图像。",
        "An animated image cannot be application material. Upload a still image.",
    ),
    "twelve_bit_image": (
        "这是 12 位 JPEG（医学或专业影像格式），无法显示。请另存为普通 8 位 JPEG 或 PNG 后上传。",
        "This is a 12-bit JPEG (medical or professional imaging). Save it as a plain 8-bit JPEG or PNG.",
    ),
    "processing_limit": (
        "文件过于复杂，处理超出时间或内存限制。请重新扫描为普通图像或 PDF 后上传。",
        "The file takes more time or memory than allowed. Scan it to a plain image or PDF and upload that.",
    ),
}


def verdict(code: VerdictCode, limits: Limits, pages: int = 0, detail: str | None = None) -> Verdict:
    """Make the verdict for one of the known codes, with its texts."""
    zh, en = (text.format(limits=limits) for text in _TEXTS[code])
    return Verdict(code in GOOD, code, zh, en, pages, detail)
