"""How well a page can be read, measured on the copy for the screen: cheap, once for each page, and never a change.

Thresholds are set from real pages: office scans at 200 and 300 dpi, bitonal fax pages, photographed forms, the same
blurred and turned by known amounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from storage.page_skew import Lines, find_lines
from workflows.page_advice import LEAST_DPI, Advice

SKEW_WORTH_SAYING = 1.0  # degrees; less is straightened without a word
_SMALL_WIDTH = 620
_EDGE_STEP = 24  # grey values from one pixel to the next but one: more than paper grain and JPEG noise
_EDGES_ENOUGH = 200
_SHARP_ENOUGH = 0.1  # crisp pages have 0.5 to 2; blurred by two pixels at 150 dpi 0.04, no longer readable
_INK_DARKER = 48  # grey values darker than the paper
_BLANK = 0.0001  # of the page: less than a page number
_WRITING = 0.002  # of the page: from here on there are edges to be measured
_BLACK = 64
_BORDER_LEAST = 0.01
_BORDER_MOST = 0.25
_CUT_LEAST = 0.01
_CUT_MOST = 0.5
_CUT_STROKES = 4
_CLIPPED = 0.7
_FAINT = 120
_COLOURED = 24  # saturation of a pixel in JPEG noise stays below
_COLOUR_LEAST = 0.0005

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Origin:
    """What the file says of a page; ``dpi`` None where it says nothing to be believed, ``bits`` of one pixel.

    :ivar drawn: the page was drawn from text and lines and has no resolution of its own.
    """

    width: int
    height: int
    dpi: int | None
    bits: int = 24
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured on one page; ``skew`` in degrees clockwise, 0 where it cannot be told."""

    skew: float
    advice: tuple[Advice, ...]


def measure(screen: Image.Image, origin: Origin) -> Quality:
    """Measure a page.

    :param screen: the page at reading size, mode L or RGB, not yet straightened.
    """
    grey = screen.convert("L")
    times = max(1, round(grey.width / _SMALL_WIDTH))
    small = np.asarray(grey.reduce(times) if times > 1 else grey)
    greys = np.cumsum(np.bincount(small.ravel(), minlength=256)) / small.size
    paper = int(np.searchsorted(greys, 0.75))
    found = [*_resolution(origin), *_colour(screen, origin)]
    ink = float(greys[max(0, paper - _INK_DARKER)])
    if ink < _BLANK:
        return Quality(0.0, (*found, Advice("blank")))
    lines = find_lines(grey)
    borders = _borders(small)
    if ink > _WRITING:
        found += _blur(grey)
    found += [*_askew(lines), *_border(small, borders), *_cut(small, borders, paper), *_light(greys, ink)]
    return Quality(lines.degrees or 0.0, tuple(found))


def sharpness(grey: Image.Image) -> float:
    """Energy of the Laplacian beside that of the slope, where there are edges; 0 where none is left.

    Both grow alike with contrast and with the amount of writing, so that their ratio is left with how many pixels an
    edge takes.
    """
    page = np.asarray(grey, dtype=np.int16)[::3]  # every third row is enough
    slope = page[:, 2:] - page[:, :-2]
    steep = np.abs(slope) > _EDGE_STEP
    if int(np.count_nonzero(steep)) < _EDGES_ENOUGH:
        return 0.0
    bend = (page[:, 2:] + page[:, :-2] - 2 * page[:, 1:-1])[steep].astype(np.float32)
    steps = slope[steep].astype(np.float32)
    return float((bend @ bend) / (steps @ steps))


def _resolution(origin: Origin) -> list[Advice]:
    if origin.drawn:
        return []
    if origin.dpi is None:
        return [Advice("resolution_unknown", {"width": origin.width, "height": origin.height})]
    return [Advice("resolution_low", {"dpi": origin.dpi})] if origin.dpi < LEAST_DPI else []


def _colour(screen: Image.Image, origin: Origin) -> list[Advice]:
    if origin.drawn:
        return []
    if screen.mode == "RGB":
        red, green, blue = screen.reduce(4).split() if min(screen.size) >= 8 else screen.split()
        lightest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
        saturated = np.asarray(ImageChops.subtract(lightest, darkest)) > _COLOURED
        if float(saturated.mean()) > _COLOUR_LEAST:
            return []
    return [Advice("without_colour", {"bits": min(origin.bits, 8)})]


def _blur(grey: Image.Image) -> list[Advice]:
    found = sharpness(grey)
    return [Advice("blurred", {"sharpness": round(found, 2)})] if found < _SHARP_ENOUGH else []


def _askew(lines: Lines) -> list[Advice]:
    if lines.lying:
        return [Advice("lying")]
    if lines.degrees is None or abs(lines.degrees) < SKEW_WORTH_SAYING:
        return []
    return [Advice("skewed", {"degrees": lines.degrees})]


def _sides(page: Grey) -> dict[str, Grey]:
    """The page seen from each of its edges, that edge as the first row."""
    return {"top": page, "right": page.T[::-1], "bottom": page[::-1], "left": page.T}


def _borders(small: Grey) -> dict[str, int]:
    """How many rows of small pixels are black all along, from each edge."""
    found = {}
    for edge, page in _sides(small).items():
        lighter = np.flatnonzero((page < _BLACK).mean(axis=1) <= 0.8)
        found[edge] = int(lighter[0]) if lighter.size else len(page)
    return found


def _border(small: Grey, borders: dict[str, int]) -> list[Advice]:
    parts = [rows / len(_sides(small)[edge]) for edge, rows in borders.items()]
    widest = max((part for part in parts if part <= _BORDER_MOST), default=0.0)
    return [Advice("black_border", {"percent": round(100 * widest, 1)})] if widest >= _BORDER_LEAST else []


def _cut(small: Grey, borders: dict[str, int], paper: int) -> list[Advice]:
    cut = []
    for edge, page in _sides(small).items():
        rows: NDArray[Any] = page[borders[edge] : borders[edge] + 2]
        # Where no paper reaches the edge, it is a photo with its surroundings.
        if not rows.size or float(np.median(rows)) < paper - _INK_DARKER:
            continue
        inky = rows.min(axis=0) < paper - _INK_DARKER
        strokes = int(np.count_nonzero(np.diff(inky.astype(np.int8)) > 0))
        if strokes >= _CUT_STROKES and _CUT_LEAST < float(inky.mean()) < _CUT_MOST:
            cut.append(edge)
    return [Advice("cut_edge", {"edges": ",".join(cut)})] if cut else []


def _light(greys: NDArray[np.float64], ink: float) -> list[Advice]:
    """:param greys: which part of the page is as dark as each grey or darker. :param ink: which part is written."""
    darkest = int(np.searchsorted(greys, 0.1 * ink))
    faint = 1 - greys[249] > _CLIPPED and darkest > _FAINT
    return [Advice("overexposed", {"grey": darkest})] if faint else []
