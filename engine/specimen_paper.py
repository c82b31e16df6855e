"""Paper for sample scans: writing, rules and a seal on a sheet, then what a scanner makes of it.

Chinese is written with the font given; without one each character becomes a pattern of strokes of its own,
which looks like writing from a distance and needs no font on the machine.
"""

from __future__ import annotations

from math import cos, pi, sin
from pathlib import Path
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFont

A4_MILLIMETRES = (210, 297)

_TILE = 256
_INK = 45
_SEAL = (196, 30, 40)
_LATIN_ENDS = 0x2E80  # below: the built-in face has the character; from here on CJK begins


class Sheet:
    """One A4 sheet; positions and sizes in millimetres from the upper left corner.

    :param dpi: pixels per inch of the scan to be made.
    :param font: TrueType or OpenType file for Chinese, or None for stroke patterns.
    """

    def __init__(self, dpi: int, font: Path | None = None) -> None:
        self.scale = dpi / 25.4
        size = tuple(round(side * self.scale) for side in A4_MILLIMETRES)
        self.image = Image.new("L", (size[0], size[1]), 255)
        self._draw = ImageDraw.Draw(self.image)
        self._font = font
        self._seals: list[tuple[float, float, float]] = []

    def write(self, x: float, y: float, text: str, height: float = 4.2) -> None:
        """Write one line of text; ``height`` is that of a character."""
        pixels = round(height * self.scale)
        face = ImageFont.truetype(self._font, pixels) if self._font else ImageFont.load_default(pixels)
        left, top = x * self.scale, y * self.scale
        for character in text:
            if self._font or ord(character) < _LATIN_ENDS:
                self._draw.text((left, top), character, fill=_INK, font=face)
                left += face.getlength(character)
            else:
                if not character.isspace():
                    self._strokes(left, top, pixels, character)
                left += pixels

    def box(self, left: float, top: float, right: float, bottom: float, line: float = 0.3) -> None:
        """Draw a rectangle; ``line`` is the thickness."""
        corners = [round(side * self.scale) for side in (left, top, right, bottom)]
        self._draw.rectangle(corners, outline=_INK, width=max(1, round(line * self.scale)))

    def oval(self, left: float, top: float, right: float, bottom: float, shade: int) -> None:
        """Fill an ellipse with a grey from 0, black, to 255."""
        self._draw.ellipse([round(side * self.scale) for side in (left, top, right, bottom)], fill=shade)

    def seal(self, x: float, y: float, radius: float = 20) -> None:
        """Put a red round seal with its star; the middle is at ``x``, ``y``."""
        self._seals.append((x, y, radius))

    def scanned(self, chance: Random, *, colour: bool = True, skew: float = 0.0) -> Image.Image:
        """Return the sheet as a scanner sees it: askew by ``skew`` degrees, with grain and specks."""
        grey = self.image.rotate(skew, Image.Resampling.BILINEAR, fillcolor=255) if skew else self.image
        grey = ImageChops.multiply(grey, _grain(chance, grey.size))
        _specks(grey, chance)
        if not colour:
            return grey
        tinted = Image.merge("RGB", (grey, grey.point(lambda v: v * 0.99), grey.point(lambda v: v * 0.96)))
        for x, y, radius in self._seals:
            _stamp(tinted, x * self.scale, y * self.scale, radius * self.scale, chance)
        return tinted

    def _strokes(self, left: float, top: float, size: int, character: str) -> None:
        shape = Random(ord(character))  # noqa: S311 - a drawing, not a secret
        width = max(1, size // 12)
        low, high = size * 0.12, size * 0.88
        for part in range(shape.randint(2, 4)):
            y = top + low + (high - low) * (part + shape.random() * 0.6) / 4
            self._draw.line((left + low, y, left + high * shape.uniform(0.7, 1), y), fill=_INK, width=width)
        for _ in range(shape.randint(1, 3)):
            x = left + shape.uniform(low, high)
            self._draw.line((x, top + low, x, top + high), fill=_INK, width=width)
        middle = left + size / 2
        self._draw.line((middle, top + size / 2, left + low, top + high), fill=_INK, width=width)


def _grain(chance: Random, size: tuple[int, int]) -> Image.Image:
    noise = Image.frombytes("L", (_TILE, _TILE), chance.randbytes(_TILE * _TILE))
    tile = noise.point(lambda value: 252 - value // 20)
    paper = Image.new("L", size)
    for x in range(0, size[0], _TILE):
        for y in range(0, size[1], _TILE):
            paper.paste(tile, (x, y))
    return paper


def _specks(image: Image.Image, chance: Random) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, r = chance.randrange(image.width), chance.randrange(image.height), chance.choice((1, 1, 2, 3))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=chance.randrange(60, 180))


def _stamp(page: Image.Image, x: float, y: float, radius: float, chance: Random) -> None:
    side = round(radius * 2)
    ink = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(ink)
    draw.ellipse((2, 2, side - 3, side - 3), outline=210, width=max(2, side // 28))
    turn = chance.uniform(-0.3, 0.3)
    points = [_on_circle(radius, radius * (0.34 if i % 2 == 0 else 0.14), i * pi / 5 + turn) for i in range(10)]
    draw.polygon(points, fill=210)
    for letter in range(11):
        cx, cy = _on_circle(radius, radius * 0.74, (letter - 5) * 0.42 + turn)
        mark = radius * 0.09
        draw.rectangle((cx - mark, cy - mark, cx + mark, cy + mark), outline=200, width=max(1, side // 90))
    page.paste(_SEAL, (round(x - radius), round(y - radius)), ink)


def _on_circle(middle: float, radius: float, angle: float) -> tuple[float, float]:
    return middle + radius * sin(angle), middle - radius * cos(angle)
