"""A page as it is shown: its bounds in pixels and its three JPEG pictures, straight and free of metadata."""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from storage.page_quality import Origin, measure
from storage.page_skew import straighten
from storage.scan_verdicts import BadFileError, Limits
from workflows.page_advice import Advice

PAGE_PIXELS = 9_000_000
"""Most pixels of a page as it is kept for viewing: A4 at 300 dpi, whichever way it lies."""
PAGE_SIDE = 12_000
"""The longest side in pixels: a till receipt of a metre at 300 dpi."""
SCREEN_WIDTH = 1240  # A4 at 150 dpi; anything near is taken that a whole number gives, which is fastest
SCREEN_WIDTH_MOST = 1600
THUMBNAIL = (200, 600)
PAGE_QUALITY = 82
THUMBNAIL_QUALITY = 75
SKEW_WORTH_STRAIGHTENING = 0.4  # degrees; less is a line's breadth from one side of the page to the other


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One page upright, grey (L) or sRGB, within the bounds, and what the file says of it."""

    picture: Image.Image
    origin: Origin


@dataclass(frozen=True, slots=True)
class PageImages:
    """One page as JPEG bytes at three sizes; width and height in pixels of the largest."""

    page: bytes
    screen: bytes
    thumbnail: bytes
    width: int
    height: int
    advice: tuple[Advice, ...]


def encode(page: DrawnPage) -> PageImages:
    """Measure a page, set it straight, and code it and its smaller pictures."""
    picture = page.picture
    screen = _for_screen(picture)
    quality = measure(screen, page.origin)
    if abs(quality.skew) >= SKEW_WORTH_STRAIGHTENING:
        picture = straighten(picture, quality.skew)
        screen = _for_screen(picture)
    thumbnail = screen.reduce(max(1, screen.width // (2 * THUMBNAIL[0])))
    thumbnail.thumbnail(THUMBNAIL, Image.Resampling.HAMMING)
    pages = (_jpeg(picture, PAGE_QUALITY), _jpeg(screen, PAGE_QUALITY), _jpeg(thumbnail, THUMBNAIL_QUALITY))
    return PageImages(*pages, picture.width, picture.height, quality.advice)


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Refuse a picture before it is decoded; raises BadFileError (``page_too_large``)."""
    if width * height > limits.max_pixels:
        raise BadFileError("page_too_large")


def bounded_scale(width: float, height: float) -> float:
    """By how much a page of this size in pixels is scaled to stay within the bounds; 1 where it does."""
    return min(1.0, math.sqrt(PAGE_PIXELS / (width * height)), PAGE_SIDE / max(width, height))


def _for_screen(picture: Image.Image) -> Image.Image:
    times = round(picture.width / SCREEN_WIDTH)
    small = picture.reduce(times) if times > 1 else picture
    if small.width <= SCREEN_WIDTH_MOST:
        return small
    size = SCREEN_WIDTH, max(1, round(small.height * SCREEN_WIDTH / small.width))
    return small.resize(size, Image.Resampling.HAMMING)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    # JPEG comments and the like travel in info and would be written out again.
    image.info.clear()
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
