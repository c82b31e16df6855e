"""PDF files as scans: PDFium draws the pages, as fine as they were scanned.

Runs in the child process of ``storage.scan_child`` only, after ``storage.pdf_structure`` has looked the file through.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2
from pypdfium2 import raw

from storage.page_quality import Origin
from storage.scan_pages import DrawnPage, bounded_scale

POINTS_AN_INCH = 72
DRAWN_DPI = 200
"""At which a page of text and lines is drawn, which has no resolution of its own."""
LEAST_DPI = 150
"""At which a coarse scan is drawn: writing over it stays readable."""
MOST_DPI = 300

_PAGES_AT_A_TIME = 20
_PICTURES_LOOKED_AT = 200
_MOSTLY = 0.5  # of the page covered by pictures: then it is a scan


def pdf_pages(path: Path) -> Iterator[DrawnPage]:
    """Give the pages one by one, upright, within the bounds of a page."""
    first, pages = 0, 1
    while first < pages:
        # PDFium keeps what it has read of a file; opened anew now and then, a long file takes no more than a short one.
        with pypdfium2.PdfDocument(path) as document:
            pages = len(document)
            for number in range(first, min(first + _PAGES_AT_A_TIME, pages)):
                yield _draw(document[number])
        first += _PAGES_AT_A_TIME


def _draw(page: Any) -> DrawnPage:
    origin = _origin(page)
    dpi = DRAWN_DPI if origin.dpi is None else min(max(origin.dpi, LEAST_DPI), MOST_DPI)
    width, height = (side * dpi / POINTS_AN_INCH for side in page.get_size())
    scale = dpi / POINTS_AN_INCH * bounded_scale(width, height)
    # PDFium rounds up; a hair less keeps 2480 from becoming 2481.
    bitmap = page.render(scale=scale * (1 - 1e-6), limit_image_cache=True, rev_byteorder=True)
    drawn = DrawnPage(bitmap.to_pil().convert("RGB"), origin)
    bitmap.close()
    page.close()
    return drawn


def _origin(page: Any) -> Origin:
    """What the page says of itself: a scan, by the largest picture on it, or drawn."""
    width, height = page.get_size()
    covered, largest, found = 0.0, 0.0, None
    for picture in islice(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2), _PICTURES_LOOKED_AT):
        left, bottom, right, top = picture.get_bounds()
        area = abs((right - left) * (top - bottom))
        covered += area
        if area > largest:
            largest, found = area, picture
    if found is None or covered < _MOSTLY * width * height:
        return Origin(round(width), round(height), None, drawn=True)
    across, down = found.get_px_size()
    dpi = max(1, round(POINTS_AN_INCH * math.sqrt(across * down / largest)))
    return Origin(across, down, dpi, int(found.get_metadata().bits_per_pixel))
