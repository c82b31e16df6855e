"""Good files of every kind, damaged at random: each gets a verdict in time, and a good one only if it can be shown.

240 damaged files; for a long run: ``MUTANTS=2400 make test ARGS=tests/storage/test_scan_fuzz.py``. The same number
always damages the same files in the same way, so that a failure comes again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Final

import pillow_heif
from PIL import Image, ImageDraw

from storage.file_kinds import FileKind, sniff
from storage.scan_files import process
from storage.scan_readers import READERS
from storage.scan_verdicts import GOOD, Limits, Processed
from tests.storage import hostile_files as hostile

pillow_heif.register_heif_opener(thumbnails=False)

MUTANTS: Final = int(os.environ.get("MUTANTS", "240"))
LIMITS: Final = Limits(seconds=40, cpu_seconds=5, memory_bytes=768 * 1024**2)
TRUNCATED: Final = "cut"

Damage = Callable[[bytes, Random], bytes]


def written() -> Image.Image:
    """A page with lines on it, so that there is something to measure and to straighten."""
    page = hostile.picture(240, 340)
    draw = ImageDraw.Draw(page)
    for top in range(120, 320, 12):
        draw.rectangle((20, top, 210, top + 3), fill="black")
    return page.rotate(2, fillcolor="white")


def good_files() -> dict[str, bytes]:
    """Small files of every kind that is accepted."""
    page = written()
    bilevel = page.convert("1")
    return {
        "jpeg": hostile.coded(page, "JPEG", dpi=(300, 300)),
        "progressive": hostile.coded(page, "JPEG", progressive=True),
        "cmyk": hostile.coded(page.convert("CMYK"), "JPEG"),
        "png": hostile.coded(page, "PNG"),
        "palette": hostile.coded(page.convert("P"), "PNG"),
        "interlaced": hostile.interlaced_png(page.resize((60, 85))),
        "webp": hostile.coded(page, "WEBP"),
        "bmp": hostile.coded(page.resize((60, 85)), "BMP"),
        "heic": hostile.coded(page, "HEIF"),
        "lzw": hostile.coded(page, "TIFF", compression="tiff_lzw"),
        "fax": hostile.coded(bilevel, "TIFF", compression="group4", save_all=True, append_images=[bilevel]),
        "tiled": hostile.tiled_tiff(page, 64),
        "deep": hostile.deep_tiff(page.resize((60, 85))),
        "pdf": hostile.coded(page, "PDF", save_all=True, append_images=[bilevel]),
        "invoice": hostile.pdf(hostile.attaches("a.xml", hostile.INVOICE), pages=2),
        "ofd": hostile.ofd(),
    }


def flip(data: bytes, chance: Random) -> bytes:
    """Turn some bits over, now and then in the head where the structure is."""
    damaged = bytearray(data)
    reach = len(data) if chance.random() < 0.6 else min(len(data), 256)
    for _ in range(chance.choice((1, 2, 8, 40))):
        damaged[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def cut(data: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(16, len(data) * 19 // 20)]


def leave_out(data: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randrange(1, 200) :]


def repeat(data: bytes, chance: Random) -> bytes:
    start, length = chance.randrange(len(data)), chance.randrange(1, 400)
    return data[: start + length] + data[start:]


def scatter(data: bytes, chance: Random) -> bytes:
    """Write the numbers that break sizes and offsets somewhere."""
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 3))):
        start = chance.randrange(max(1, min(len(data), 2000) - 4))
        damaged[start : start + 4] = chance.choice((bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\xff\xff"))
    return bytes(damaged)


DAMAGES: Final[tuple[Damage, ...]] = (flip, cut, leave_out, repeat, scatter)


def mutants(files: dict[str, bytes]) -> list[tuple[str, FileKind, bytes]]:
    """Damaged files that still begin as some kind, each with what was done to it."""
    made: list[tuple[str, FileKind, bytes]] = []
    names = list(files)
    number = 0
    while len(made) < MUTANTS:
        number += 1
        chance = Random(number)
        name = names[number % len(names)]
        if number % 7:
            damage = chance.choice(DAMAGES)
            told, data = f"{number} {name} {damage.__name__}", damage(files[name], chance)
        else:
            other = files[chance.choice(names)]
            data = files[name][: chance.randrange(16, len(files[name]))] + other[chance.randrange(len(other)) :]
            told = f"{number} {name} spliced"
        kind = sniff(data[:32])
        if kind is not None:
            made.append((told, kind, data))
    return made


def judge(folder: Path, data: bytes, kind: FileKind) -> tuple[Processed, float]:
    """The verdict and how long it took, in seconds."""
    (folder / "pages").mkdir(parents=True)
    (folder / "file").write_bytes(data)
    begin = time.monotonic()
    return process(folder / "file", kind, folder / "pages", LIMITS), time.monotonic() - begin


def shown(judged: Processed) -> bool:
    """Whether every page that the verdict promises is there, at three sizes, and can be opened."""
    for page in judged.pages:
        for path in (page.image, page.screen, page.thumbnail):
            with Image.open(path) as image:
                image.load()
                if image.format != "JPEG" or image.getexif():
                    return False
                if path == page.image and image.size != (page.width, page.height):
                    return False
    return len(judged.pages) == judged.verdict.pages


def wrong(told: str, kind: FileKind, judged: Processed, seconds: float) -> str | None:
    """What is wrong with a verdict, None where nothing is."""
    code = judged.verdict.code
    if seconds > LIMITS.seconds + 10:
        return f"{told}: took {seconds:.0f} s"
    if (code == "ok_without_preview") and kind is not FileKind.ofd:
        return f"{told}: called good without a page"
    if (code == "ok") is not bool(judged.pages) or not shown(judged):
        return f"{told}: {code} with {len(judged.pages)} pages"
    if code in GOOD and f" {TRUNCATED}" in told:
        return f"{told}: called good although its end is missing"
    return None


def test_a_damaged_file_costs_no_worker_hangs_nowhere_and_gets_no_wrong_verdict(tmp_path: Path) -> None:
    files = good_files()
    for name, data in files.items():
        kind = sniff(data[:32])
        assert kind is not None
        judged, _ = judge(tmp_path / f"before-{name}", data, kind)
        assert judged.verdict.ok, (name, judged.verdict)
    server = READERS.pid()

    def tried(number: int, mutant: tuple[str, FileKind, bytes]) -> str | None:
        told, kind, data = mutant
        judged, seconds = judge(tmp_path / str(number), data, kind)
        return wrong(told, kind, judged, seconds)

    with ThreadPoolExecutor(2) as two:
        made = mutants(files)
        found = [problem for problem in two.map(tried, range(len(made)), made) if problem]
    assert found == []
    assert len(made) >= 200
    assert READERS.pid() == server, "the server of the readers did not live through it"
    for name, data in files.items():
        kind = sniff(data[:32])
        assert kind is not None
        assert judge(tmp_path / f"after-{name}", data, kind)[0].verdict.ok, name
