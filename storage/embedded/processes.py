"""One running child: its process, its process group and its log."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from threading import Event

from storage.embedded.child import Child
from storage.embedded.places import private_folder
from storage.embedded.privileges import launch_argv

LOG_LIMIT = 8 * 1024 * 1024
"""Bytes after which a log is moved to ``NAME.log.1``, replacing the one before."""

_POLL_SECONDS = 0.02


class RunningChild:
    """A child that was started and may have ended since.

    Create it in a thread that outlives it: the kernel ends a child together with the thread that started it.
    """

    def __init__(self, child: Child, log: Path) -> None:
        child.before()
        self.child = child
        self._log = log
        private_folder(log.parent)
        self.bound_log()
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the caller's program, through our own launcher
                launch_argv(child.argv, child.account, child.death_signal),
                env=child.env,
                cwd=child.cwd,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            os.close(descriptor)

    @property
    def pid(self) -> int:
        """The process number, also of its group."""
        return self._process.pid

    def exit_status(self) -> int | None:
        """Return None while it runs; afterwards kill what is left of its group and return its status."""
        if self._process.returncode is None:
            try:
                if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                    return None
            except ChildProcessError:
                # Something else in this process has reaped it: its number may be another's, so nothing is killed.
                self._forget()
            else:
                # Not reaped yet, so the group's number still cannot belong to anybody else.
                self._reap()
        return self._process.returncode

    def stop(self, hurry: Event) -> None:
        """Ask it to end, wait ``stop_timeout`` seconds, then kill its group.

        :param hurry: kill without waiting any longer as soon as this is set.
        """
        if self.exit_status() is None:
            self._process.send_signal(self.child.stop_signal)
            deadline = time.monotonic() + self.child.stop_timeout
            while self.exit_status() is None and time.monotonic() < deadline and not hurry.is_set():
                time.sleep(_POLL_SECONDS)
        if self.exit_status() is None:
            self._reap()

    def bound_log(self) -> None:
        """Keep the log within its limit: copied aside and emptied, since the child keeps it open."""
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT:
            shutil.copy(self._log, f"{self._log}.1")
            os.truncate(self._log, 0)

    def _reap(self) -> None:
        # A leader that has ended may have left no group behind.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._forget()

    def _forget(self) -> None:
        self._process.wait()
        self.child.after()


def log_size(log: Path) -> int:
    """How many bytes a log has so far."""
    return log.stat().st_size if log.exists() else 0


def last_words(log: Path, since: int) -> str:
    """Return the last line of a log, or nothing if there is none.

    :param since: how many bytes the log had when this run began; what stands before says nothing of it.
    """
    size = log_size(log)
    if not size:
        return ""
    with log.open("rb") as file:
        file.seek(max(since if since <= size else 0, size - 4096))
        return file.read().decode(errors="replace").strip().rpartition("\n")[2]
