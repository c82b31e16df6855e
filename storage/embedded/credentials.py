"""The passwords and keys that the embedded servers ask of their clients, made once and kept at 0600."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from storage.embedded.places import write_private
from storage.embedded.refusals import refuse


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Credentials:
    """One random secret for each client; none is shown by ``repr``."""

    postgres_superuser: str = field(default_factory=_secret, repr=False)
    postgres_owner: str = field(default_factory=_secret, repr=False)
    postgres_app: str = field(default_factory=_secret, repr=False)
    redis: str = field(default_factory=_secret, repr=False)
    objects_access: str = field(default_factory=lambda: secrets.token_hex(10), repr=False)
    objects_secret: str = field(default_factory=_secret, repr=False)
    volume_write_key: str = field(default_factory=_secret, repr=False)
    volume_read_key: str = field(default_factory=_secret, repr=False)
    filer_write_key: str = field(default_factory=_secret, repr=False)
    filer_read_key: str = field(default_factory=_secret, repr=False)


def ensure_credentials(data: Path) -> Credentials:
    """Read ``data/credentials.json``, making it on the first start.

    :raises Unavailable: the file is damaged, or it is gone while the database it belongs to is there.
    """
    path = data / "credentials.json"
    if path.exists():
        return read_credentials(path)
    if (data / "postgres").exists():
        raise refuse(
            f"数据库已存在，但凭据文件 {path} 丢失。请从备份恢复该文件，或用 --data 指定新目录。",
            f"the database is there but its credentials {path} are gone. Restore that file from a backup, "
            "or choose a new place with --data.",
        )
    credentials = Credentials()
    write_private(path, json.dumps(asdict(credentials), indent=1).encode())
    return credentials


def read_credentials(path: Path) -> Credentials:
    """Read the credentials file.

    :raises Unavailable: there is none, or it is not one that this program wrote.
    """
    if not path.exists():
        raise refuse(
            f"{path.parent} 中没有内置服务器。请先启动（make up），或用 --data 指定正确的目录。",
            f"there are no embedded servers in {path.parent}. Start them first (make up), "
            "or give the right place with --data.",
        )
    try:
        known = json.loads(path.read_bytes())
        return Credentials(**{item.name: str(known[item.name]) for item in fields(Credentials)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refuse(
            f"凭据文件 {path} 无法读取或已损坏。请从备份恢复。",
            f"the credentials file {path} cannot be read or is damaged. Restore it from a backup.",
        ) from error
