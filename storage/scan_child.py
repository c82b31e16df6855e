"""The process that reads one file: forked for it by ``storage.scan_server``, bounded, and gone with it.

The pages go to ``N.jpg``, ``N-screen.jpg`` and ``N-thumbnail.jpg`` in the directory of the order, what is to be said of
the file to a file of its own. Passing a limit ends the process by SIGALRM or SIGXCPU.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from PIL import Image

from storage.file_kinds import FileKind
from storage.foreign_data import is_polyglot
from storage.pdf_structure import inspect_pdf
from storage.scan_image import image_pages, inspect_image
from storage.scan_ofd import inspect_ofd
from storage.scan_pages import DrawnPage, encode
from storage.scan_pdf import pdf_pages
from storage.scan_verdicts import Answer, BadFileError, Limits, PageAnswer
from workflows.page_advice import Advice

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Most bytes of any one file that the process writes."""

# What the machine lacks, not the file: no verdict, the process fails and its parent tries again.
OUR_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT}
    | {errno.EMFILE, errno.ENFILE, errno.ESTALE}
)

_PR_SET_PDEATHSIG = 1


class Order(msgspec.Struct, frozen=True):
    """Which file is to be read as what, where its pages go, and within which bounds."""

    path: str
    kind: FileKind
    directory: str
    limits: dict[str, int]


def read_file(order: Order) -> Answer:
    """Confine this process for good, look into the file and draw its pages.

    :raises OSError: the machine failed us, one of ``OUR_ERRORS``.
    """
    limits = Limits(**order.limits)
    _confine(limits)
    try:
        return _work(Path(order.path), order.kind, Path(order.directory), limits)
    except BadFileError as error:
        return Answer(error.code)
    except MemoryError:
        return Answer("processing_limit", detail="MemoryError")
    except ImportError:
        raise
    # A hostile file makes a parser raise anything; whatever it is, the file cannot be read.
    except Exception as error:
        if getattr(error, "errno", None) in OUR_ERRORS:
            raise
        return Answer("file_broken", detail=type(error).__name__)


def rehearse() -> None:
    """Read a page of our own in several kinds, so that whatever is loaded at first use is loaded for every reader."""
    page = Image.new("RGB", (620, 877), "white")
    for top in range(40, 840, 20):
        page.paste("black", (60, top, 560, top + 6))
    with TemporaryDirectory() as folder:
        for kind, coding in ((FileKind.pdf, "PDF"), (FileKind.tiff, "TIFF"), (FileKind.jpeg, "JPEG")):
            path = Path(folder) / coding
            page.save(path, coding)
            for drawn in _reader(path, kind, Limits())[1]:
                encode(drawn)


def die_with_parent() -> None:
    """Let the kernel end this process when the one that forked it ends."""
    if sys.platform == "linux":
        libc: Any = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _work(path: Path, kind: FileKind, directory: Path, limits: Limits) -> Answer:
    if kind is FileKind.ofd:
        inspect_ofd(path)
        return Answer("ok_without_preview")
    try:
        expected, drawn, advice = _reader(path, kind, limits)
    except BadFileError as bad:
        # What is appended to a file makes it look cut off.
        if bad.code == "file_broken" and is_polyglot(path):
            raise BadFileError("polyglot") from bad
        raise
    if is_polyglot(path):
        raise BadFileError("polyglot")
    signal.alarm(limits.seconds + limits.seconds_per_page * expected)
    pages = list(_draw(drawn, directory, limits, expected))
    if len(pages) != expected:
        raise BadFileError("file_broken")
    if advice:
        pages[0] = msgspec.structs.replace(pages[0], advice=[*advice, *pages[0].advice])
    return Answer("ok", pages)


def _reader(path: Path, kind: FileKind, limits: Limits) -> tuple[int, Iterator[DrawnPage], list[Advice]]:
    if kind is FileKind.pdf:
        found = inspect_pdf(path, limits)
        gc.collect()  # what was read of the file is in circles, and as large as the file
        attached = [Advice("xml_attached", {"files": found.xml_files})] if found.xml_files else []
        return found.pages, pdf_pages(path), attached
    return inspect_image(path, kind, limits), image_pages(path, kind), []


def _draw(drawn: Iterator[DrawnPage], directory: Path, limits: Limits, expected: int) -> Iterator[PageAnswer]:
    written = 0
    _allow_page(limits, expected)
    for number, page in enumerate(drawn, 1):
        images = encode(page)
        for suffix, data in (("", images.page), ("-screen", images.screen), ("-thumbnail", images.thumbnail)):
            (directory / f"{number}{suffix}.jpg").write_bytes(data)
            written += len(data)
        if written > limits.output_bytes:
            raise BadFileError("processing_limit")
        yield PageAnswer(images.width, images.height, list(images.advice))
        _allow_page(limits, expected)


def _confine(limits: Limits) -> None:
    """Bound memory, time, output and core dumps, and die with the parent."""
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(limits.seconds)
    _allow_cpu(limits.cpu_seconds)


def _allow_page(limits: Limits, expected: int) -> None:
    """Let the next page have its time of the processor, as long as the whole file has some left."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    so_far = int(used.ru_utime + used.ru_stime)
    _allow_cpu(min(so_far + 1 + limits.cpu_seconds, 2 * limits.cpu_seconds + limits.seconds_per_page * expected))


def _allow_cpu(seconds: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
