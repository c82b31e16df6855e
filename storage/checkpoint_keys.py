"""Keys that checkpoints are signed with: one that signs, and the public ones of all that ever did.

A key file is TOML: ``current`` names the key that signs, ``[private]`` holds its 32 bytes and ``[public]`` the public
keys by id, all in base64. A file without ``current`` verifies and signs nothing. Another kind of key, such as SM2
(GB/T 32918), is another :class:`Signer` and another entry of :data:`VERIFIERS`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Signer(Protocol):
    """Signs checkpoints. ``key``: its id; ``algorithm``: an entry of :data:`VERIFIERS`; ``public``: the public key."""

    key: str
    algorithm: str
    public: bytes

    def sign(self, data: bytes) -> bytes:
        """The signature over these bytes."""


class Ed25519Signer:
    """Signs by Ed25519 (RFC 8032). :param seed: the private key, 32 bytes."""

    algorithm = "ed25519"

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw()
        self.key = key_id(self.public)

    def sign(self, data: bytes) -> bytes:
        """The signature over these bytes, 64 bytes."""
        return self._private.sign(data)


def key_id(public: bytes) -> str:
    """The id of a key: the first 16 hexadecimal characters of the SHA-256 of its public part."""
    return hashlib.sha256(public).hexdigest()[:16]


def _verify_ed25519(public: bytes, data: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


VERIFIERS: Final[Mapping[str, Callable[[bytes, bytes, bytes], bool]]] = MappingProxyType({"ed25519": _verify_ed25519})
"""Kinds of signatures: whether one by this public key stands over these bytes."""


@dataclass(frozen=True)
class CheckpointKeys:
    """What a key file holds. ``signer``: None where this process only verifies. ``public``: by id."""

    public: Mapping[str, bytes]
    signer: Signer | None = field(default=None, repr=False)

    def verifies(self, key: str, algorithm: str, data: bytes, signature: bytes) -> bool:
        """Whether a key that is trusted here made this signature over these bytes."""
        public, verify = self.public.get(key), VERIFIERS.get(algorithm)
        return public is not None and verify is not None and verify(public, data, signature)


def load_checkpoint_keys(path: Path) -> CheckpointKeys:
    """Read a key file.

    :raises ValueError: it is not one; the message never holds a key.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        public = {key_id(key): key for key in map(_raw, data.get("public", {}).values())}
        current = data.get("current")
        signer = None if current is None else Ed25519Signer(_raw(data["private"][current]))
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ValueError(f"{path} is not a readable key file ({type(problem).__name__})") from None
    if signer is not None:
        public[signer.key] = signer.public
    return CheckpointKeys(MappingProxyType(public), signer)


def new_checkpoint_keys(path: Path, known: Mapping[str, bytes] = MappingProxyType({})) -> Signer:
    """Write a key file with a fresh key that signs from now on, for its owner only; the file is whole or not there.

    :param known: public keys of before, which go on verifying. A file that is there is replaced.
    """
    seed = os.urandom(32)
    signer = Ed25519Signer(seed)
    lines = [
        "# The key that signs the checkpoints of the trail. Keep a copy apart from the database and the object store:",
        "# whoever holds it together with both could write the trail anew.",
        f'current = "{signer.key}"',
        "[private]",
        f'{signer.key} = "{_text(seed)}"',
        "[public]",
        *(f'{key} = "{_text(public)}"' for key, public in {**known, signer.key: signer.public}.items()),
        "",
    ]
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text("\n".join(lines), "utf-8")
    draft.replace(path)
    return signer


def _raw(text: str) -> bytes:
    found = base64.b64decode(text, validate=True)
    if len(found) != 32:
        raise ValueError(len(found))
    return found


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
