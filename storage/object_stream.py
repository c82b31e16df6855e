"""Bytes of one object on their way out of the store, and the digest taken while they pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self, cast

from storage.digests import Algorithm, new_digest
from storage.objects_client import translated
from workflows.errors import Conflict

CHUNK_BYTES = 64 * 1024


class ObjectStream:
    """Bytes of one object, read as they are iterated; close it, or use it in ``with``.

    :ivar length: bytes that the iteration will yield.
    """

    def __init__(self, response: Any) -> None:
        self._response = response
        self.length = int(response.headers["content-length"])
        self.content_type: str = response.headers.get("content-type", "application/octet-stream")

    def __iter__(self) -> Iterator[bytes]:
        """Yield chunks of at most ``CHUNK_BYTES``; raises Unavailable when the server breaks off."""
        with translated():
            yield from self._response.stream(CHUNK_BYTES)

    def read(self, size: int = -1) -> bytes:
        """Read at most ``size`` bytes, all of them when negative."""
        with translated():
            return cast(bytes, self._response.read(None if size < 0 else size))

    def close(self) -> None:
        """Give the connection back; what was not read is dropped."""
        self._response.close()
        self._response.release_conn()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Verified:
    """A reader that refuses to hand over the last bytes of a stream whose digest is not the expected one."""

    def __init__(self, stream: ObjectStream, expected: str, algorithm: Algorithm = "sha256") -> None:
        self._stream, self._expected = stream, expected
        self._left, self._digest = stream.length, new_digest(algorithm)

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes; raises Conflict instead of giving the last ones."""
        data = self._stream.read(min(size, self._left))
        self._digest.update(data)
        self._left -= len(data)
        if self._left == 0 and self._digest.hexdigest() != self._expected:
            raise Conflict(
                "digest_mismatch",
                "文件内容与上传时的摘要不一致，未作为证据保存。请重新扫描上传。",
                "The bytes do not match the digest taken at upload and were not kept. Scan again.",
            )
        return data


def save(stream: ObjectStream, path: Path, algorithm: Algorithm = "sha256") -> str:
    """Write a stream into a file that must not exist yet and return the digest (hex) of what was written."""
    digest = new_digest(algorithm)
    with path.open("xb") as file:
        for chunk in stream:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
