"""Starts one child: drops privileges if asked, ties its life to the supervisor's, and becomes the program.

Run as a file by an isolated interpreter, ``python -I -S launch.py ORDER PROGRAM ARGUMENT…``, so it imports
nothing of the project. ORDER is the JSON of :class:`storage.embedded.privileges.Order`. Without PROGRAM it
only tries whether the order's ``probe`` paths can be used, and exits 0 or 1.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522

_CANNOT_EXECUTE = 127

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _prctl(option: int, *values: int) -> None:
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    _check(_libc.prctl(option, *padded))


def _keep_only(capability: int) -> None:
    """Make ``capability`` the only one, held across exec by being ambient."""
    bit = 1 << capability
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    _check(_libc.capset(header, sets))
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def _become(uid: int, gid: int, capability: int | None) -> None:
    if capability is not None:
        # Keeps rights over the change of user, and makes access(2) count the one kept: PostgreSQL asks it.
        _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if capability is not None:
        _keep_only(capability)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _die_with(parent: int, death_signal: int) -> None:
    # After the change of user, which clears it; and the parent may have died before it was set.
    _prctl(_PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        os._exit(0)


def _usable(path: str) -> bool:
    if os.path.isdir(path):  # noqa: PTH112 - pathlib would double this program's start time
        return os.access(path, os.R_OK | os.X_OK)
    return os.access(path, os.X_OK)


def main(order: dict[str, Any], program: list[str]) -> None:
    """Carry out ``order`` and become ``program``, or exit with the verdict on the paths to probe."""
    os.umask(0o077)
    try:
        if order["uid"] is not None:
            _become(order["uid"], order["gid"], order["capability"])
        if not program:
            sys.exit(0 if all(_usable(path) for path in order["probe"]) else 1)
        _die_with(order["parent"], order["death_signal"])
        os.execv(program[0], program)  # noqa: S606 - becoming the named program is this file's purpose
    except OSError as error:
        print(f"cannot run {' '.join(program[:1])}: {error}", file=sys.stderr)  # noqa: T201 - the child's log
        sys.exit(_CANNOT_EXECUTE)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
