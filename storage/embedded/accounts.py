"""The unprivileged account for a program that refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass

from storage.embedded.refusals import refuse

_NAMES = ("nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """A user to run as.

    :param capability: number of the one Linux capability kept, or None for none.
    """

    uid: int
    gid: int
    capability: int | None = None


def unprivileged_account() -> Account | None:
    """Return the account for programs that refuse root: None for an ordinary user, who simply stays.

    :raises Unavailable: root on a machine that has none of the usual unprivileged accounts.
    """
    if os.geteuid() != 0:
        return None
    for entry in map(_lookup, _NAMES):
        if entry is not None and entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid)
    raise refuse(
        "PostgreSQL 不能以 root 运行，而本机没有 nobody 账户。请以普通用户运行。",
        "PostgreSQL does not run as root and this machine has no account nobody. Run as an ordinary user.",
    )


def _lookup(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
