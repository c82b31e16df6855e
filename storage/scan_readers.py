"""Has files read by processes of their own, forked from one server for each process that asks (``scan_server``)."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parent.parent
_START = b"r"


class ReaderLostError(Exception):
    """Raised when the reader's warden or the server ended before it could tell how the reader ended."""


class Readers:
    """The way to one server: started when first needed, again when it is gone, ended with this process.

    :param root: the folder from which the server's modules are loaded.
    """

    def __init__(self, root: Path = _ROOT) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None

    def read(self, order: bytes, answer: IO[bytes], seconds: float) -> int:
        """Have one order carried out and return the reader's exit code, negative for the signal that ended it.

        :param order: a ``storage.scan_child.Order`` as JSON. :param answer: a file for what the reader says.
        :param seconds: after which the order is given up.
        :raises ReaderLostError: nobody knows how the reader ended. :raises TimeoutError: after ``seconds``.
        """
        mine, theirs = socket.socketpair()
        with mine:
            with theirs:
                self._send(theirs, answer)
            mine.settimeout(seconds)
            try:
                mine.sendall(order)
                mine.shutdown(socket.SHUT_WR)
                ended = b"".join(iter(lambda: mine.recv(16), b""))
            except ConnectionError as lost:
                raise ReaderLostError from lost
        if not ended:
            raise ReaderLostError
        return int(ended)

    def pid(self) -> int | None:
        """The server's process, None where there is none."""
        return self._server.pid if self._server else None

    def stop(self) -> None:
        """End the server and what it forked."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """Leave the server to the process from which this one was forked."""
        if self._orders is not None:
            self._orders.close()
        self._lock = threading.Lock()  # another thread may have held it
        self._server = self._orders = None

    def _send(self, theirs: socket.socket, answer: IO[bytes]) -> None:
        with self._lock:
            descriptors = [theirs.fileno(), answer.fileno()]
            try:
                socket.send_fds(self._running(), [_START], descriptors)
            except ConnectionError:
                self._end()
                socket.send_fds(self._running(), [_START], descriptors)

    def _running(self) -> socket.socket:
        if self._orders is not None:
            return self._orders
        mine, theirs = socket.socketpair()
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "storage.scan_server"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # No secret of ours within reach of a file that takes its reader over; one thread, for it forks.
                env={
                    "PYTHONPATH": str(self._root),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "LANG": "C.UTF-8",
                    "OPENBLAS_NUM_THREADS": "1",
                    # Every reader's memory is new: taken in large pages, a page of 300 dpi costs a third less.
                    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
                },
            )
        self._orders = mine
        return mine

    def _end(self) -> None:
        if self._orders is not None:
            self._orders.close()
        if self._server is not None:
            self._server.kill()
            self._server.wait()
        self._orders = self._server = None


READERS = Readers()
"""The readers of this process."""

atexit.register(READERS.stop)
os.register_at_fork(after_in_child=READERS.forget)
