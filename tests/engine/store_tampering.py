"""Evidence altered behind our back: in the files of the embedded store, with its own checksums made good."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HEADER: Final = 16
_CASTAGNOLI: Final = 0x82F63B78


def crc32c(data: bytes) -> int:
    """CRC-32C (RFC 3720 B.4), as a volume file keeps one for each piece."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_CASTAGNOLI if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Volumes:
    """The volume files of one bucket of the embedded store."""

    def __init__(self, data: Path, bucket: str) -> None:
        self._paths = sorted((data / "var" / "objects" / "files").glob(f"{bucket}_*.dat"))
        assert self._paths

    def overwrite(self, old: bytes, new: bytes, *, checksum: bool) -> None:
        """Put other bytes of the same length where an object's are.

        :param old: all bytes of the object, in one piece. :param checksum: whether the store's own check still passes.
        """
        assert len(old) == len(new)
        for path in self._paths:
            content = path.read_bytes()
            at = content.find(old)
            if at < 0:
                continue
            body = int.from_bytes(content[at - 8 : at - 4], "big")
            with path.open("r+b") as file:
                file.seek(at)
                file.write(new)
                if checksum:
                    file.seek(at - 4 + body)
                    file.write(crc32c(new).to_bytes(4, "big"))
            return
        raise AssertionError("the bytes are in no volume file")
