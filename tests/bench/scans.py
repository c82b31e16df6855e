"""Pages a second from a scan to its viewing copies, beside decoding and encoding alone; memory for a long file."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Self

import psutil
from PIL import Image, ImageDraw
from pypdf import PdfWriter

from engine.specimen_paper import Sheet
from storage.file_kinds import FileKind
from storage.scan_files import process
from storage.scan_pages import PAGE_QUALITY, THUMBNAIL, THUMBNAIL_QUALITY
from storage.scan_readers import READERS

ROUNDS = 5
PAGES = 12
LONG = 500
A4 = (2480, 3508)
SKEW = 1.2


def scan_rounds() -> list[dict[str, float]]:
    """For each round: pages a second of 300 dpi colour, each a file of its own, one after the other.

    ``bare``: Pillow decodes a page, makes it smaller and encodes the same three sizes. ``straight`` and ``askew``: the
    whole scan path up to the images, in a process for each file; what lies askew is straightened.
    """
    with tempfile.TemporaryDirectory(prefix="yc-bench-") as folder:
        straight, askew = ([_page(Path(folder), n, skew) for n in range(PAGES)] for skew in (0.0, SKEW))
        _judged(straight[:1])
        return [
            {
                "bare": _rate(_bare, straight),
                "straight": _rate(_judged, straight),
                "bare_askew": _rate(_bare, askew),
                "askew": _rate(_judged, askew),
            }
            for _ in range(ROUNDS)
        ]


def long_file() -> dict[str, float]:
    """A PDF of 500 different pages of 300 dpi colour: its size and the greatest memory of any process, in MiB."""
    with tempfile.TemporaryDirectory(prefix="yc-bench-") as folder:
        path, pages = Path(folder) / "long.pdf", Path(folder) / "pages"
        _write_long(path)
        pages.mkdir()
        with _Peak() as peak:
            begin = time.perf_counter()
            found = process(path, FileKind.pdf, pages)
            seconds = time.perf_counter() - begin
        assert (found.verdict.code, len(found.pages)) == ("ok", LONG)
        return {"size": path.stat().st_size / 2**20, "rate": LONG / seconds, "peak": peak.bytes / 2**20}


def _page(folder: Path, number: int, skew: float) -> Path:
    """A form with a seal, scanned in colour at 300 dpi, with the grain that paper has."""
    sheet = Sheet(300)
    for line in range(28):
        sheet.write(25, 30 + line * 8, "承诺所填内容和所附材料真实有效，愿意承担相应责任" + str(number), 5)
    sheet.seal(150, 205)
    scanned = sheet.scanned(Random(number), skew=skew)
    path = folder / f"{number}-{skew}.jpg"
    scanned.save(path, quality=85, dpi=(300, 300))
    return path


def _rate(work: Callable[[list[Path]], None], paths: list[Path]) -> float:
    begin = time.perf_counter()
    work(paths)
    return len(paths) / (time.perf_counter() - begin)


def _bare(paths: list[Path]) -> None:
    for path in paths:
        with Image.open(path) as page:
            page.load()
            screen = page.reduce(2)
            thumbnail = screen.copy()
            thumbnail.thumbnail(THUMBNAIL, Image.Resampling.HAMMING, reducing_gap=2.0)
            for image, quality in ((page, PAGE_QUALITY), (screen, PAGE_QUALITY), (thumbnail, THUMBNAIL_QUALITY)):
                image.save(BytesIO(), "JPEG", quality=quality)


def _judged(paths: list[Path]) -> None:
    for path in paths:
        with tempfile.TemporaryDirectory() as pages:
            assert process(path, FileKind.jpeg, Path(pages)).verdict.ok


def _write_long(path: Path) -> None:
    writer = PdfWriter()
    for number in range(LONG):
        page = Image.new("RGB", A4, (250, 250, 246))
        draw = ImageDraw.Draw(page)
        for top in range(300, 3200, 120):
            draw.rectangle((300, top, 1400 + number * top % 700, top + 30), fill=(30, 30, 40))
        draw.ellipse((1700, 2700, 2100, 3100), outline=(200, 30, 30), width=16)
        out = BytesIO()
        page.save(out, "PDF", resolution=300, quality=20)
        writer.append(out)
    writer.write(path)


class _Peak:
    """The greatest resident memory of this process's readers and their server while it is open."""

    def __enter__(self) -> Self:
        self.bytes = 0
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._run)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()

    def _run(self) -> None:
        while not self._done.wait(0.05):
            if (pid := READERS.pid()) is None:
                continue
            try:
                server = psutil.Process(pid)
                family = [server, *server.children(recursive=True)]
                self.bytes = max(self.bytes, *(one.memory_info().rss for one in family))
            except psutil.NoSuchProcess:
                continue
