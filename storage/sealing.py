"""Personal numbers at rest: AES-256-GCM with a key id, and a keyed blind index for exact search.

A sealed value is ``length of key id | key id | nonce (12 bytes) | ciphertext and tag``. Rotation adds a key and makes
it current; old values name the key that they were sealed with. The index key never rotates without re-indexing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workflows.errors import Unavailable


@dataclass(frozen=True)
class Sealer:
    """Seals and opens personal values, and computes their blind index."""

    current: str
    keys: dict[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    def seal(self, text: str, context: str) -> bytes:
        """Seal a text; ``context`` names the column, so that a value moved to another column does not open."""
        nonce = secrets.token_bytes(12)
        name = self.current.encode()
        return (
            bytes([len(name)])
            + name
            + nonce
            + AESGCM(self.keys[self.current]).encrypt(nonce, text.encode(), context.encode())
        )

    def open(self, sealed: bytes, context: str) -> str:
        """What was sealed.

        :raises Unavailable: when the key is not there or the value was altered.
        """
        try:
            length = sealed[0]
            name = sealed[1 : 1 + length].decode()
            nonce, body = sealed[1 + length : 13 + length], sealed[13 + length :]
            return AESGCM(self.keys[name]).decrypt(nonce, body, context.encode()).decode()
        except (IndexError, KeyError, ValueError, InvalidTag) as problem:
            raise Unavailable(
                "cannot_unseal",
                "加密数据无法解密：密钥缺失或数据被改动。请联系系统管理员。",
                "A sealed value cannot be opened: its key is missing or it was altered. Ask the system administrator.",
            ) from problem

    def index(self, text: str, kind: str) -> bytes:
        """The blind index of a normalised number: HMAC-SHA256 under a key of its own, 32 bytes."""
        return hmac.new(self.index_key, f"{kind}\0{text}".encode(), hashlib.sha256).digest()


def new_key_file(path: Path) -> None:
    """Write a key file with fresh keys, readable by its owner only. Never overwrites one."""
    text = "\n".join(
        [
            "# Keys for personal data at rest. Keep a copy in a safe place: without it sealed values cannot be read.",
            'current = "k1"',
            f'index = "{_fresh()}"',
            "[keys]",
            f'k1 = "{_fresh()}"',
            "",
        ]
    )
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text, "utf-8")


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def load_key_file(path: Path) -> Sealer:
    """Read the keys.

    :raises ValueError: when the file is not a key file; the message never holds a key.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        keys = {name: base64.b64decode(value, validate=True) for name, value in data["keys"].items()}
        index = base64.b64decode(data["index"], validate=True)
        current = str(data["current"])
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ValueError(f"{path} is not a readable key file ({type(problem).__name__})") from None
    if current not in keys or any(len(key) != 32 for key in [*keys.values(), index]):
        raise ValueError(f"{path}: the current key is missing or a key is not 32 bytes long")
    return Sealer(current, keys, index)
