"""The file of a checkpoint: its header, who signed it, and one line for each head that it seals.

The lines are the very bytes that are signed and hashed, so that nothing has to be put into a form before it is checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from storage.checkpoint_keys import CheckpointKeys, Signer
from workflows.checkpoint import Head, Header, Signature, digest_of, read_header
from workflows.merkle import Tree, leaf_hash


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """A checkpoint as it lies in the store. ``text``: the bytes that were signed."""

    header: Header
    text: bytes
    signature: Signature
    lines: list[bytes]

    @property
    def digest(self) -> str:
        """What the next checkpoint names as the digest before it."""
        return digest_of(self.text)

    def heads(self) -> list[Head]:
        """What it seals.

        :raises ValueError: a line is not a head.
        """
        return [Head(**msgspec.json.decode(line, type=dict)) for line in self.lines]

    def bytes(self) -> bytes:
        """The file."""
        return b"\n".join([self.text, msgspec.json.encode(self.signature, order="sorted"), *self.lines, b""])


def sign_file(header: Header, lines: Sequence[bytes], signer: Signer) -> CheckpointFile:
    """The signed file of a header that names the signer's key."""
    text = header.encode()
    signature = Signature(signer.key, signer.public.hex(), signer.sign(text).hex())
    return CheckpointFile(header, text, signature, list(lines))


def read_file(data: bytes) -> CheckpointFile:
    """A file as it was written.

    :raises ValueError: it is not the file of a checkpoint.
    """
    lines = data.split(b"\n")
    if len(lines) < 3 or lines[-1]:
        raise ValueError("too short")
    signature = msgspec.json.decode(lines[1], type=Signature)
    return CheckpointFile(read_header(lines[0]), lines[0], signature, lines[2:-1])


def tree_of(lines: Sequence[bytes], algorithm: str) -> Tree:
    """The tree over the heads of a checkpoint. :param lines: as they stand in its file."""
    return Tree((leaf_hash(line, algorithm) for line in lines), algorithm)


def is_signed(header: Header, text: bytes, signature: str, keys: CheckpointKeys) -> bool:
    """Whether a trusted key signed this text. :param signature: hexadecimal."""
    try:
        raw = bytes.fromhex(signature)
    except ValueError:
        return False
    return keys.verifies(header.key, header.signed_with, text, raw)
