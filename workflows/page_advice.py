"""What was measured on a scanned page, as advice in plain words: it bars nothing and changes nothing.

The measuring is done where the page is drawn (``storage.page_quality``); here are the codes, their values and the
words that a clerk or an applicant reads beside the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

AdviceCode = Literal[
    "resolution_low",
    "resolution_unknown",
    "blurred",
    "skewed",
    "lying",
    "blank",
    "black_border",
    "cut_edge",
    "overexposed",
    "without_colour",
    "xml_attached",
]

LEAST_DPI: Final = 200
"""Dots per inch below which small print is lost (DA/T 31-2017: 200, small or dense text 300)."""


class Advice(msgspec.Struct, frozen=True):
    """One thing worth knowing about a page.

    :ivar values: what was measured, by name: ``dpi``; ``width`` and ``height`` in pixels; ``sharpness`` (about 1 on a
        crisp page, 0 where no edge is left); ``degrees`` clockwise; ``percent`` of the page's side; ``edges``;
        ``grey`` of the darkest ink from 0 (black) to 255; ``bits`` of a pixel; ``files``.
    """

    code: AdviceCode
    values: dict[str, int | float | str] = {}


_WORDS: Final[Mapping[AdviceCode, tuple[str, str]]] = MappingProxyType(
    {
        "resolution_low": (
            "分辨率 {dpi} dpi，低于 200 dpi，小字可能看不清。建议以 300 dpi 重新扫描。",
            "{dpi} dpi is below 200 dpi; small print may be lost. Better scan again at 300 dpi.",
        ),
        "resolution_unknown": (
            "文件没有写明分辨率（{width}×{height} 像素）。请放大核对小字是否清楚。",
            "The file does not tell its resolution ({width}×{height} pixels). Enlarge it and check the small print.",
        ),
        "blurred": (
            "画面模糊（清晰度 {sharpness}，清晰页面约为 1）。看不清的，请重新扫描或对焦后重拍。",
            "The page is blurred (sharpness {sharpness}; a crisp page has about 1). If unreadable, scan it again.",
        ),
        "skewed": (
            "页面倾斜 {degrees}°。预览图已摆正，原件未作改动。",
            "The page is askew by {degrees}°. The viewing copy is straightened, the original is unchanged.",
        ),
        "lying": (
            "页面可能横放。请核对方向，必要时旋转页面。",
            "The page may lie on its side. Check it and turn it where needed.",
        ),
        "blank": (
            "页面是空白页。如为误扫，请移除该页；如另一面有内容，请翻面扫描。",
            "The page is blank. If it was scanned by mistake, remove it; if the other side is meant, scan that.",
        ),
        "black_border": (
            "页边有黑边（占边长 {percent}%）。请确认没有遮住内容。",
            "The page has a black border ({percent} % of its side). Make sure that it hides nothing.",
        ),
        "cut_edge": (
            "内容紧贴页边（{edges}），可能没有扫全。请核对原件，必要时重新扫描。",
            "The content touches the edge ({edges}) and may be cut off. Compare the paper and scan again if so.",
        ),
        "overexposed": (
            "曝光过度，字迹过浅（最深处灰度 {grey}）。请调低亮度后重新扫描。",
            "The page is overexposed and the writing too faint (darkest grey {grey}). Scan it again with less light.",
        ),
        "without_colour": (
            "本页为灰度或黑白（每像素 {bits} 位）。有红头、印章或照片的，应当彩色扫描。",
            "The page is grey or black and white ({bits} bits a pixel). Seals, red heads and photos need colour.",
        ),
        "xml_attached": (
            "文件附有 {files} 个 XML 数据文件（如电子发票的结构化数据），随原件保存，预览图中不显示。",
            "The file carries {files} XML data file(s), as e-invoices do; kept with the original, not shown here.",
        ),
    }
)
_EDGES: Final[Mapping[str, str]] = MappingProxyType({"top": "上", "right": "右", "bottom": "下", "left": "左"})


def words(advice: Advice) -> tuple[str, str]:
    """Advice in Chinese and English, with its measured values."""
    zh, en = _WORDS[advice.code]
    values = dict(advice.values)
    edges = str(values.get("edges", ""))
    named = "、".join(_EDGES[edge] for edge in edges.split(",")) if edges else ""
    return zh.format(**values | {"edges": named}), en.format(**values | {"edges": edges.replace(",", ", ")})
