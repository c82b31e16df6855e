"""Which account a child runs as, and the few rights it keeps.

PostgreSQL refuses to run as root. A root supervisor therefore runs it as an existing unprivileged account.
Where that account may not enter a folder above the program or the data, the child keeps one Linux capability
to get there, and no folder's mode is changed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from storage.embedded.accounts import Account
from storage.embedded.refusals import refuse

_LAUNCHER = Path(__file__).with_name("launch.py")
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2


@dataclass(frozen=True)
class Order:
    """What ``launch.py`` shall do before it becomes the program."""

    parent: int
    death_signal: int = signal.SIGKILL
    uid: int | None = None
    gid: int | None = None
    capability: int | None = None
    probe: tuple[str, ...] = ()


def launch_argv(
    argv: Sequence[str], account: Account | None = None, death_signal: signal.Signals = signal.SIGKILL
) -> list[str]:
    """Return the command line that runs ``argv`` as ``account``, ended by the kernel when this process dies.

    :param argv: the program's absolute path and its arguments.
    :param account: None keeps the present user.
    :param death_signal: what the child gets when the thread that started it ends.
    """
    if account is None:
        return _launcher(Order(os.getpid(), int(death_signal)), argv)
    order = Order(os.getpid(), int(death_signal), account.uid, account.gid, account.capability)
    return _launcher(order, argv)


def account_reaching(account: Account, paths: Sequence[Path]) -> Account:
    """Return ``account`` with the least right with which it reaches ``paths``: none, or one capability.

    :param paths: folders to be read and entered, files to be executed.
    :raises Unavailable: it reaches them with none of the rights that this process can give.
    """
    for capability in (None, _CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
        candidate = Account(account.uid, account.gid, capability)
        if _reaches(candidate, paths):
            return candidate
    blocked = next((path for path in paths if not _reaches(account, [path])), paths[0])
    raise refuse(
        f"PostgreSQL 不能以 root 运行，而普通账户无法进入 {blocked} 的上级目录。"
        "请用 --data 指定各级目录均可进入的位置（例如 /var/lib/yichuang），或以普通用户安装和运行。",
        f"PostgreSQL does not run as root, and an unprivileged account cannot enter the folders above "
        f"{blocked}. "
        "Choose a place that everyone may enter with --data (such as /var/lib/yichuang), "
        "or install and run as an ordinary user.",
    )


def _reaches(account: Account, paths: Sequence[Path]) -> bool:
    probe = tuple(str(path) for path in paths)
    order = Order(os.getpid(), 0, account.uid, account.gid, account.capability, probe)
    return subprocess.run(_launcher(order, ()), check=False, capture_output=True).returncode == 0  # noqa: S603 - our own launcher


def _launcher(order: Order, argv: Sequence[str]) -> list[str]:
    return [sys.executable, "-I", "-S", str(_LAUNCHER), json.dumps(asdict(order)), *argv]
