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
    found = [entry for entry in pwd.getpwall() if entry.pw_name in _NAMES and entry.pw_uid != 0]
    if found:
        chosen = min(found, key=lambda entry: _NAMES.index(entry.pw_name))
        return Account(chosen.pw_uid, chosen.pw_gid)
    raise refuse(
        "PostgreSQL 不能以 root 运行,而本机没有 nobody 账户。请以普通用户运行。",
        "PostgreSQL does not run as root and this machine has no account nobody. Run as an ordinary user.",
    )
