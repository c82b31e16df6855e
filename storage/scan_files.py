"""Scans as files: bytes in while they stream, verdict and page images out. No database, no object store.

``UploadSink`` takes an upload as it arrives; ``process`` has a file looked into and its pages drawn by a process of its
own with bounded memory and time, so that a poisonous file costs that process and nothing else.
"""

from __future__ import annotations

import errno
import hashlib
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import msgspec

from storage.digests import Algorithm, Digest, new_digest
from storage.file_kinds import HEAD_BYTES, FileKind, agreed_kind, safe_name
from storage.scan_readers import READERS, ReaderLostError
from storage.scan_verdicts import GOOD, MAX_BYTES, Answer, Limits, Page, PageAnswer, Processed, verdict
from workflows.errors import Malformed, TooLarge, Unavailable

# The kernel ends what passes its time or output; PDFium aborts where memory is refused.
_LIMIT_SIGNALS = {-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGABRT, -signal.SIGTRAP}
_CRASH_SIGNALS = {-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}
_GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Received:
    """A complete upload whose outside is in order; its inside is not yet judged.

    :ivar path: the bytes, readable in this process until the sink is closed.
    :ivar size: bytes.
    :ivar sha256: hex digest; known to whoever sent the file.
    :ivar name: file name fit to be shown.
    :ivar digest: hex digest by ``algorithm``, which is kept with the evidence.
    """

    path: Path
    size: int
    sha256: str
    kind: FileKind
    name: str
    digest: str
    algorithm: Algorithm


class UploadSink:
    """Takes one upload chunk by chunk into a file without a name, gone when the sink or the process ends.

    :param directory: where there is room for ``max_bytes``.
    :param max_bytes: largest file accepted, in bytes.
    :param algorithm: of the digest that is kept with the evidence.
    """

    def __init__(self, directory: Path, max_bytes: int = MAX_BYTES, algorithm: Algorithm = "sha256") -> None:
        # Closed by close(): it must outlive this call.
        self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115
        self._sha256: Digest = hashlib.sha256()
        self._algorithm = algorithm
        self._digest = self._sha256 if algorithm == "sha256" else new_digest(algorithm)
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
        self._sha256.update(chunk)
        if self._digest is not self._sha256:
            self._digest.update(chunk)
        with disk_errors():
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
        with disk_errors():
            self._file.flush()
        path = Path(f"/dev/fd/{self._file.fileno()}")
        sha256 = self._sha256.hexdigest()
        digest = sha256 if self._digest is self._sha256 else self._digest.hexdigest()
        return Received(path, self.size, sha256, kind, name or f"scan{kind.extension}", digest, self._algorithm)

    def close(self) -> None:
        """Drop the bytes."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def process(path: Path, kind: FileKind, directory: Path, limits: Limits | None = None) -> Processed:
    """Have a process look into a file and draw its pages.

    A file that crashes its reader or passes a limit gets its verdict too. A reader that ends for another reason,
    killed from outside or out of disk space, says nothing about the file. Safe to be called by several threads.

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
            code = READERS.read(msgspec.json.encode(order), answer, limits.longest + 2 * _GRACE_SECONDS)
        except TimeoutError:
            return Processed(verdict("processing_limit", limits, detail="timeout"))
        except ReaderLostError as lost:
            raise _interrupted("lost") from lost
        answer.seek(0)
        return _understood(answer.read(), kind, directory, limits) if code == 0 else _ended(code, limits)


def _ended(code: int, limits: Limits) -> Processed:
    """Judge a child that ended without an answer; ``code`` is negative for the signal that ended it."""
    if code in _LIMIT_SIGNALS:
        return Processed(verdict("processing_limit", limits, detail=signal.Signals(-code).name))
    if code in _CRASH_SIGNALS:
        return Processed(verdict("file_broken", limits, detail=signal.Signals(-code).name))
    raise _interrupted(str(code))


def _interrupted(ended: str) -> Unavailable:
    return Unavailable(
        "processing_interrupted",
        "文件处理被中断，系统将自动重试，不必重新上传。",
        "Processing of the file was interrupted; the system tries again by itself, no new upload is needed.",
        ended=ended,
    )


def _understood(answer: bytes, kind: FileKind, directory: Path, limits: Limits) -> Processed:
    """Take what the reader says with care: a file may have taken it over, and must not talk the worker into an error.

    Only what was drawn is good, and only OFD is good without being drawn.
    """
    try:
        told = msgspec.json.decode(answer, type=Answer)
    except (msgspec.MsgspecError, RecursionError):
        return _no_answer(limits)
    if told.code not in GOOD:
        return Processed(verdict(told.code, limits, detail=told.detail))
    pages = tuple(_page(directory, number, page) for number, page in enumerate(told.pages, 1))
    if (told.code == "ok_without_preview") is not (kind is FileKind.ofd):
        return _no_answer(limits)
    drawn = all(path.is_file() for page in pages for path in (page.image, page.screen, page.thumbnail))
    if not drawn or len(pages) > limits.max_pages or (told.code == "ok") is not bool(pages):
        return _no_answer(limits)
    return Processed(verdict(told.code, limits, len(pages)), pages)


def _no_answer(limits: Limits) -> Processed:
    return Processed(verdict("file_broken", limits, detail="no answer"))


def _page(directory: Path, number: int, told: PageAnswer) -> Page:
    image, screen, thumbnail = (directory / f"{number}{suffix}.jpg" for suffix in ("", "-screen", "-thumbnail"))
    return Page(number, image, screen, thumbnail, told.width, told.height, tuple(told.advice))


@contextmanager
def disk_errors() -> Iterator[None]:
    """:raises Unavailable: ``no_space`` where the block finds the disk full."""
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
