"""One instance per data folder: a lock that the kernel releases even when its holder is killed."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import ClassVar

from storage.embedded.places import data_folder
from workflows.errors import Conflict


class InstanceLock:
    """The lock on ``data/lock``. Every holder inside one process shares it; another process is refused.

    The file is never removed: what counts is the kernel's lock on it, so one left behind by a killed process
    is simply taken over. Its text names the holder for the message of the refusal.
    """

    _held: ClassVar[dict[Path, tuple[int, int]]] = {}

    def __init__(self, data: Path) -> None:
        self._path = data.absolute() / "lock"
        self._mine = False

    def acquire(self) -> None:
        """Take the lock, creating the data folder if it is missing; taking it twice is harmless.

        :raises Conflict: another process holds it; the message names its pid and address.
        :raises Unavailable: the data folder cannot be used.
        """
        if self._mine:
            return
        descriptor, holders = self._held.get(self._path) or (self._open(), 0)
        self._held[self._path] = (descriptor, holders + 1)
        self._mine = True
        if holders == 0:
            self.announce("")

    def release(self) -> None:
        """Give the lock back; another holder inside this process keeps it."""
        if not self._mine:
            return
        self._mine = False
        descriptor, holders = self._held.pop(self._path)
        if holders > 1:
            self._held[self._path] = (descriptor, holders - 1)
        else:
            os.close(descriptor)

    def announce(self, address: str) -> None:
        """Write where this instance answers, for the message to whoever starts a second one."""
        descriptor, _ = self._held[self._path]
        text = json.dumps({"pid": os.getpid(), "address": address}).encode()
        os.pwrite(descriptor, text, 0)
        os.ftruncate(descriptor, len(text))

    def _open(self) -> int:
        data_folder(self._path.parent)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.pread(descriptor, 4096, 0)
            os.close(descriptor)
            raise _already_running(text) from None
        return descriptor


def _already_running(text: bytes) -> Conflict:
    try:
        holder = json.loads(text)
    except ValueError:
        # The holder has taken the lock and not yet written its name.
        holder = {}
    pid, address = holder.get("pid", "?"), holder.get("address") or "-"
    return Conflict(
        "already_running",
        f"已在运行（进程 {pid}，地址 {address}）。请直接使用，或先停止它。",
        f"already running (pid {pid}, address {address}). Use it, or stop it first.",
        pid=pid,
        address=address,
    )
