"""Who looked and when, drawn over a picture of a page. The evidence and its viewing copies stay clean.

Drawing costs tens of milliseconds a page; two at a time are drawn in a process, the others wait.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from engine.documents.typesetting import FACES
from engine.settings import Settings
from workflows.errors import Unavailable

JPEG: Final = "image/jpeg"
_DRAWERS: Final = ThreadPoolExecutor(2, thread_name_prefix="watermark")
_FACE: Final = "NotoSerifSC_400Regular.ttf"
_INK: Final = (90, 90, 90)
_STRENGTH: Final = 84
"""Of 255: dark enough to be read on a photograph of the screen, light enough to read the page through it."""
_SLANT: Final = 24
_QUALITY: Final = 82
_NO_FACE: Final = "〓"
"""Stands for a character that no face has (JIS X 0208, 下駄)."""
_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


async def drawn(settings: Settings, image: bytes, *, mark: str = "", turned: int = 0) -> bytes:
    """A picture turned, and with a watermark where one is given; as JPEG without metadata.

    :param image: a viewing copy. :param mark: what is written all over it; empty for nothing.
    :param turned: degrees clockwise, 0, 90, 180 or 270.
    :raises Unavailable: ``faces_not_installed``; a page that must be marked is not shown without its mark.
    """
    if not mark and not turned:
        return image
    faces = settings.faces_dir or FACES
    return await asyncio.get_running_loop().run_in_executor(_DRAWERS, draw, image, mark, turned, faces)


def draw(image: bytes, mark: str, turned: int, faces: Path) -> bytes:
    """The same, here and now."""
    with Image.open(BytesIO(image)) as opened:
        page = opened.convert("RGB") if mark else opened.copy()
    page = page.transpose(_TURNS[turned]) if turned else page
    if mark:
        _cover(page, mark, faces)
    page.info.clear()
    out = BytesIO()
    page.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _cover(page: Image.Image, mark: str, faces: Path) -> None:
    """Repeat the mark over the whole page, every second row moved by half a step."""
    tile = _tile(mark, max(14, min(page.size) // 40), faces)
    across, down = tile.width + tile.width // 4, tile.height + tile.height // 2
    for row, top in enumerate(range(-tile.height // 2, page.height, down)):
        for left in range(-(across // 2 if row % 2 else across // 6), page.width, across):
            page.paste(_INK, (left, top), tile)


@lru_cache(maxsize=64)
def _tile(mark: str, size: int, faces: Path) -> Image.Image:
    """The mark as a slanted mask."""
    pieces = [(text, _font(path, size)) for text, path in _pieces(mark, faces)]
    width = sum(int(font.getlength(text)) + 1 for text, font in pieces)
    mask = Image.new("L", (width + size, size * 2))
    pen, left = ImageDraw.Draw(mask), size / 2
    for text, font in pieces:
        pen.text((left, size * 1.4), text, fill=_STRENGTH, font=font, anchor="ls")
        left += font.getlength(text)
    return mask.rotate(_SLANT, expand=True, resample=Image.Resampling.BICUBIC)


def _pieces(mark: str, faces: Path) -> list[tuple[str, Path]]:
    """The mark in pieces, each with the face that has its characters."""
    main = faces / _FACE
    if not main.is_file():
        raise Unavailable(
            "faces_not_installed",
            f"绘制水印的字体没有安装（{faces}），本页暂不能显示。请系统管理员运行 make up 安装后重试。",
            f"The type faces of watermarks are not installed in {faces}; the page is not shown without its mark.",
        )
    pieces: list[tuple[str, Path]] = []
    for one in mark:
        path = _face_of(one, main)
        text = one if path else _NO_FACE
        if pieces and pieces[-1][1] == (path or main):
            pieces[-1] = (pieces[-1][0] + text, path or main)
        else:
            pieces.append((text, path or main))
    return pieces


@lru_cache(maxsize=4096)
def _face_of(character: str, main: Path) -> Path | None:
    """The first face that has a character: the main one, then the others."""
    others = sorted(path for path in main.parent.glob("*.ttf") if path != main)
    return next((path for path in [main, *others] if ord(character) in _characters(path)), None)


@cache
def _characters(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as face:
        return frozenset(face.getBestCmap() or ())


@lru_cache(maxsize=8)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)
