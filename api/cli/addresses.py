"""Where commands find their installation: the environment, or the data folder of ``yichuang up``."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from engine.settings import Settings, load_settings

DEFAULT_DATA = Path("var")


def embedded_values(data: Path) -> dict[str, Any]:
    """The settings of an installation on one machine, from its data folder.

    :raises Unavailable: when nothing was ever started there.
    """
    from storage.embedded import Embedded  # noqa: PLC0415  # not installed in a deployment of many machines

    addresses = Embedded(data).addresses()
    return {
        "database_url": addresses.database_url,
        "migration_database_url": addresses.migration_database_url,
        "objects_url": addresses.objects_url,
        "broker_url": addresses.broker_url,
        "key_file": data.absolute() / "keys.toml",
    }


def settings_here(data: Path | None) -> Settings:
    """The settings for a command: of the named data folder, else of the environment, else of ./var."""
    if data is None and "YICHUANG_DATABASE_URL" not in os.environ and DEFAULT_DATA.is_dir():
        data = DEFAULT_DATA
    return load_settings(**embedded_values(data)) if data else load_settings()


def address_of(data: Path) -> str:
    """Where the instance on this data folder answers; empty when none runs or it is not ready yet."""
    try:
        with (data / "lock").open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return str(json.loads(file.read() or b"{}").get("address") or "")
    except (FileNotFoundError, PermissionError, ValueError):
        return ""
    return ""
