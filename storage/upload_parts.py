"""Bytes of a resumable upload between the wire and the store: a file without a name, and the digest that came along."""

from __future__ import annotations

import base64
import binascii
import hashlib
import tempfile
from pathlib import Path
from typing import Final, Self

from storage.scan_files import disk_errors
from workflows.errors import Malformed, YichuangError

ALGORITHMS: Final = ("sha256", "sha1", "md5")
"""What the checksum of a request may be made with (tus 1.0.0, checksum)."""


class ChecksumMismatch(YichuangError):  # named for what happened, as the whole tree is
    """The bytes are not those that were sent; the status is the one that tus 1.0.0 prescribes."""

    status = 460


class Checksum:
    """The digest that a request announced, and that of what came.

    :param text: value of ``Upload-Checksum``, ``sha256 <base64>``.
    :raises Malformed: ``checksum_malformed``.
    """

    def __init__(self, text: str) -> None:
        algorithm, _, encoded = text.partition(" ")
        try:
            self._expected = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            self._expected = b""
        if algorithm not in ALGORITHMS or not self._expected:
            raise Malformed(
                "checksum_malformed",
                f"Upload-Checksum 须为算法名和base64摘要，算法为{'、'.join(ALGORITHMS)}之一。",
                f"Upload-Checksum is an algorithm ({', '.join(ALGORITHMS)}) and a digest in base64.",
            )
        self._running = hashlib.new(algorithm, usedforsecurity=False)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._running.update(chunk)

    def require_match(self) -> None:
        """:raises ChecksumMismatch: ``checksum_mismatch``."""
        if self._running.digest() != self._expected:
            raise ChecksumMismatch(
                "checksum_mismatch",
                "收到的字节与摘要不一致，未保存。请重新发送这一段。",
                "The bytes do not match their checksum and were not kept; send this piece again.",
            )


class PartFile:
    """One part in a file without a name, gone when it is closed. :param directory: where there is room for it."""

    def __init__(self, directory: Path) -> None:
        # Closed by close(): it must outlive this call.
        self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115
        self.path = Path(f"/dev/fd/{self._file.fileno()}")

    def write(self, data: bytes) -> None:
        """Take all of its bytes. :raises Unavailable: ``no_space`` where the disk is full."""
        with disk_errors():
            self._file.write(data)
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
