"""A page as it is shown: its bounds in pixels and its two JPEG pictures, free of metadata."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from storage.scan_verdicts import BadFileError, Limits

PAGE_WIDTH = 1600
PAGE_HEIGHT = 4800
PAGE_WIDTH_ENOUGH = 1200  # A4 at 145 dpi: small print is readable, and decoders have short cuts down to it
THUMBNAIL = (240, 720)
PAGE_QUALITY = 82
THUMBNAIL_QUALITY = 75


@dataclass(frozen=True, slots=True)
class PageImages:
    """One page as JPEG bytes; width and height in pixels of the page image."""

    page: bytes
    thumbnail: bytes
    width: int
    height: int


def encode(page: Image.Image) -> PageImages:
    """Code a page picture of final size, grey or sRGB, and its thumbnail."""
    # JPEG comments and the like travel in info and would be written out again.
    page.info.clear()
    thumbnail = page.copy()
    thumbnail.thumbnail(THUMBNAIL, Image.Resampling.HAMMING, reducing_gap=2.0)
    return PageImages(_jpeg(page, PAGE_QUALITY), _jpeg(thumbnail, THUMBNAIL_QUALITY), page.width, page.height)


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Refuse a picture before it is decoded; raises BadFileError (``page_too_large``)."""
    if width * height > limits.max_pixels:
        raise BadFileError("page_too_large")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
