"""Scans as files: bytes in while they stream, verdict and page images out. No database, no object store.

``UploadSink`` takes an upload as it arrives; ``process`` looks into a file and draws its pages in a child
process with bounded memory and time, so that a poisonous file costs its own child and nothing else.
"""

from __future__ import annotations

import errno
import hashlib
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Self

import msgspec

from storage.file_kinds import HEAD_BYTES, FileKind, agreed_kind, safe_name
from storage.scan_verdicts import MAX_BYTES, Answer, Limits, Page, Processed, verdict
from workflows.errors import Malformed, TooLarge, Unavailable

_ROOT = Path(__file__).resolve().parent.parent
# The kernel ends what passes its time or output; PDFium aborts where memory is refused.
_LIMIT_SIGNALS = {-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGABRT, -signal.SIGTRAP}
_CRASH_SIGNALS = {-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}
_GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Received:
    """A complete upload whose outside is in order; its inside is not yet judged.

    :ivar path: the bytes, readable in this process until the sink is closed.
    :ivar size: bytes.
    :ivar sha256: hex digest.
    :ivar name: file name fit to be shown.
    """

    path: Path
    size: int
    sha256: str
    kind: FileKind
    name: str


class UploadSink:
    """Takes one upload chunk by chunk into a file without a name, gone when the sink or the process ends.

    :param directory: where there is room for ``max_bytes``.
    :param max_bytes: largest file accepted, in bytes.
    """

    def __init__(self, directory: Path, max_bytes: int = MAX_BYTES) -> None:
        # Closed by close(): it must outlive this call.
        self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115
        self._digest = hashlib.sha256()
        self._head = b""
        self._max_bytes = max_bytes
        self.size = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        :raises TooLarge: ``file_too_large`` as soon as the limit is passed, whatever length was announced.
        :raises Unavailable: ``no_space`` where the disk is full.
        """
        self.size += len(chunk)
        if self.size > self._max_bytes:
            mebibytes = self._max_bytes / 1024**2
            raise TooLarge(
                "file_too_large",
                f"文件超过 {mebibytes:g} MB。请降低分辨率（建议 300 dpi）或拆分后上传。",
                f"The file is larger than {mebibytes:g} MB. Scan at a lower resolution or split it.",
                max_bytes=self._max_bytes,
            )
        if len(self._head) < HEAD_BYTES:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
        self._digest.update(chunk)
        with _disk_errors():
            self._file.write(chunk)

    def finish(self, declared_type: str | None, filename: str | None) -> Received:
        """Judge the outside of the complete upload.

        :param declared_type: media type that the sender declared, if any.
        :param filename: name that the sender gave, if any.
        :raises Malformed: ``empty_file`` or ``unsafe_file_name``.
        :raises Unsupported: ``type_not_accepted``, or ``type_mismatch`` where content, media type and
            extension disagree.
        """
        name = safe_name(filename or "")
        if not self.size:
            raise Malformed(
                "empty_file",
                "文件是空的，没有任何内容。请重新扫描后上传。",
                "The file is empty. Scan it again and upload it.",
            )
        kind = agreed_kind(self._head, declared_type, name)
        with _disk_errors():
            self._file.flush()
        path = Path(f"/dev/fd/{self._file.fileno()}")
        return Received(path, self.size, self._digest.hexdigest(), kind, name or f"scan{kind.extension}")

    def close(self) -> None:
        """Drop the bytes."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def process(path: Path, kind: FileKind, directory: Path, limits: Limits | None = None) -> Processed:
    """Look into a file and draw its pages, in a child process.

    A file that crashes its child or passes a limit gets its verdict too. A child that ends for another reason,
    killed from outside or out of disk space, says nothing about the file.

    :param path: the file; only read.
    :param directory: existing empty directory for the page images; the caller removes it.
    :param limits: bounds for this file, the defaults where None.
    :return: verdict, and where it is ``ok`` the pages in order, their files in ``directory``.
    :raises Unavailable: ``processing_interrupted``; there is no verdict, try again.
    """
    limits = limits or Limits()
    order = {"path": str(path), "kind": kind.value, "directory": str(directory), "limits": asdict(limits)}
    with tempfile.TemporaryFile() as answer:
        try:
            code = _run_child(json.dumps(order), answer, limits)
        except subprocess.TimeoutExpired:
            return Processed(verdict("processing_limit", limits, detail="timeout"))
        answer.seek(0)
        return _understood(answer.read(), directory, limits) if code == 0 else _ended(code, limits)


def _run_child(order: str, answer: IO[bytes], limits: Limits) -> int:
    """Run the child to its end and return its exit code, negative for the signal that ended it."""
    return subprocess.run(  # noqa: S603 - our own module, its order passed as one argument, no shell
        [sys.executable, "-m", "storage.scan_child", order],
        stdin=subprocess.DEVNULL,
        stdout=answer,  # a file: the child's output limit holds for it
        stderr=subprocess.DEVNULL,
        # No secret of ours within reach of a file that takes its reader over.
        env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
        timeout=limits.seconds + limits.seconds_per_page * limits.max_pages + _GRACE_SECONDS,
        check=False,
    ).returncode


def _ended(code: int, limits: Limits) -> Processed:
    """Judge a child that ended without an answer; ``code`` is negative for the signal that ended it."""
    if code in _LIMIT_SIGNALS:
        return Processed(verdict("processing_limit", limits, detail=signal.Signals(-code).name))
    if code in _CRASH_SIGNALS:
        return Processed(verdict("file_broken", limits, detail=signal.Signals(-code).name))
    raise Unavailable(
        "processing_interrupted",
        "文件处理被中断，系统将自动重试，不必重新上传。",
        "Processing of the file was interrupted; the system tries again by itself, no new upload is needed.",
        ended=code,
    )


def _understood(answer: bytes, directory: Path, limits: Limits) -> Processed:
    try:
        told = msgspec.json.decode(answer, type=Answer)
    except (msgspec.MsgspecError, RecursionError):
        # A file that took the child over must not talk the worker into an error.
        return Processed(verdict("file_broken", limits, detail="no answer"))
    pages = tuple(_page(directory, n, *size) for n, size in enumerate(told.sizes, 1))
    return Processed(verdict(told.code, limits, told.pages, told.detail), pages)


def _page(directory: Path, number: int, width: int, height: int) -> Page:
    return Page(number, directory / f"{number}.jpg", directory / f"{number}-thumb.jpg", width, height)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Unavailable(
            "no_space",
            "服务器暂存空间已满，文件未保存。请通知系统管理员清理后重试。",
            "The server has no room left and the file was not kept. Tell the administrator, then try again.",
        ) from error
