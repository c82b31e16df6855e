"""A file looked into by the scan path."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from storage.file_kinds import sniff
from storage.scan_files import process
from storage.scan_verdicts import Limits, Processed


def look(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Processed:
    """Have bytes judged as the kind that they begin as; the pages go to ``pages`` in the folder."""
    path, pages = tmp_path / "file", tmp_path / "pages"
    path.write_bytes(data)
    pages.mkdir()
    kind = sniff(data[:32])
    assert kind is not None
    return process(path, kind, pages, limits)


def colour(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    """The colour of the point as red, green and blue from 0 to 255."""
    red, green, blue = image.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
    return red, green, blue
