"""The child process that reads one file: ``python -m storage.scan_child ORDER``.

ORDER is a JSON object with path, kind, directory and limits. The pages go to ``N.jpg`` and ``N-thumb.jpg`` in
the directory, the verdict to standard output. Passing a limit ends the process by SIGALRM or SIGXCPU.
"""

from __future__ import annotations

import ctypes
import errno
import json
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from storage.file_kinds import FileKind
from storage.scan_verdicts import Answer, BadFileError, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

MAX_OUTPUT_BYTES = 64 * 1024 * 1024

# What the machine lacks, not the file: no verdict, the process fails and its parent tries again.
OUR_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT}
    | {errno.EMFILE, errno.ENFILE, errno.ESTALE}
)

_PR_SET_PDEATHSIG = 1


def main(order: dict[str, Any]) -> Answer:
    """Look into the file within the limits and draw its pages.

    :raises OSError: the machine failed us, one of ``OUR_ERRORS``.
    """
    limits = Limits(**order["limits"])
    _confine(limits)
    try:
        return _work(Path(order["path"]), FileKind(order["kind"]), Path(order["directory"]), limits)
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


def _work(path: Path, kind: FileKind, directory: Path, limits: Limits) -> Answer:
    # Parsers are loaded only now, within the limits, and only those that the kind needs.
    from storage.scan_pages import encode  # noqa: PLC0415

    expected, drawn = _reader(path, kind, limits)
    _allow(limits.seconds + limits.seconds_per_page * expected)
    sizes = []
    for number, page in enumerate(drawn, 1):
        images = encode(page)
        (directory / f"{number}.jpg").write_bytes(images.page)
        (directory / f"{number}-thumb.jpg").write_bytes(images.thumbnail)
        sizes.append((images.width, images.height))
    if len(sizes) != expected:
        raise BadFileError("file_broken")
    return Answer("ok", expected, sizes)


def _reader(path: Path, kind: FileKind, limits: Limits) -> tuple[int, Iterator[Image]]:
    if kind is FileKind.pdf:
        from storage.scan_pdf import inspect_pdf, pdf_pages  # noqa: PLC0415

        return inspect_pdf(path, limits), pdf_pages(path)
    from storage.scan_image import image_pages, inspect_image  # noqa: PLC0415

    return inspect_image(path, kind, limits), image_pages(path, kind)


def _confine(limits: Limits) -> None:
    """Bound memory, time, output and core dumps, and die with the worker."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_OUTPUT_BYTES, MAX_OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _allow(limits.seconds)


def _allow(seconds: int) -> None:
    signal.alarm(seconds)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(main(json.loads(sys.argv[1]))))
