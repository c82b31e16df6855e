"""Finds the code of a separator sheet on the picture of a page, however it lies."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import zxingcpp
from PIL import Image

from workflows.separator import MARK

_SMALLER: Final = 900
"""Width in pixels at which dithered and speckled sheets are tried once more."""


def read_sheet(path: Path) -> str | None:
    """The text of the first code of ours on a page picture; None where there is none.

    :param path: a picture that this system drew itself, upright or not.
    """
    with Image.open(path) as opened:
        picture = opened.convert("L")
    found = _codes(picture)
    if not found and picture.width > _SMALLER:
        found = _codes(picture.resize((_SMALLER, round(picture.height * _SMALLER / picture.width))))
    return found[0] if found else None


def _codes(picture: Image.Image) -> list[str]:
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    read = zxingcpp.read_barcodes(picture, formats=formats, try_invert=False)
    return [one.text for one in read if one.text.startswith(f"{MARK}:")]
