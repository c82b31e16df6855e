"""Digests of evidence as they are taken while bytes pass: SHA-256 (GB/T 18238.3), or SM3 (GB/T 32905) by setting."""

from __future__ import annotations

import hashlib
from typing import Final, Literal, Protocol

from cryptography.hazmat.primitives import hashes

Algorithm = Literal["sha256", "sm3"]
HEX_LENGTH: Final = 64
"""Length of a digest of either algorithm, in hexadecimal characters."""


class Digest(Protocol):
    """A running digest."""

    def update(self, data: bytes, /) -> None:
        """Take the next bytes."""

    def hexdigest(self) -> str:
        """The digest of what was taken so far, hexadecimal; nothing may be taken afterwards."""


class _Sm3:
    """SM3 where the interpreter's OpenSSL was built without it."""

    def __init__(self) -> None:
        self._running = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._running.update(data)

    def hexdigest(self) -> str:
        return self._running.finalize().hex()


def new_digest(algorithm: Algorithm) -> Digest:
    """A digest that has taken nothing yet."""
    if algorithm == "sha256":
        return hashlib.sha256()
    return hashlib.new("sm3") if "sm3" in hashlib.algorithms_available else _Sm3()


def hex_digest(algorithm: Algorithm, data: bytes) -> str:
    """The digest of these bytes, hexadecimal."""
    digest = new_digest(algorithm)
    digest.update(data)
    return digest.hexdigest()
