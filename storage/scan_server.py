"""The process from which readers of files are forked: ``python -m storage.scan_server``, its orders on descriptor 0.

It has every parser loaded and has never seen a file, so that a new reader costs two forks in place of a new Python.
For each order it forks a warden, which forks the reader, waits for it at most as long as the order says, and tells how
it ended. Server, wardens and readers have an empty environment and end when the process that gave the orders ends.

An order is one byte with two descriptors: a socket for the order as JSON and for how the reader ended, as decimal
text, negative for a signal; and a file for what the reader has to say.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
from typing import NoReturn

import msgspec

from storage.scan_child import Order, die_with_parent, read_file, rehearse
from storage.scan_verdicts import Limits

GRACE_SECONDS = 5
_FAILED = 70


def serve(orders: socket.socket) -> None:
    """Fork a warden for each order until the other side has closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # wardens are not waited for
    rehearse()
    gc.freeze()  # what is loaded stays shared with every reader
    while True:
        byte, given, _, _ = socket.recv_fds(orders, 1, 2)
        if not byte:
            return
        if os.fork() == 0:
            orders.close()
            _ward(socket.socket(fileno=given[0]), given[1])
        for descriptor in given:
            os.close(descriptor)


def _ward(line: socket.socket, answer: int) -> NoReturn:
    """Have the order read by a process of its own, and tell how that ended."""
    try:
        die_with_parent()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        order = msgspec.json.decode(_received(line), type=Order)
        reader = os.fork()
        if reader == 0:
            line.close()
            _read(order, answer)
        ended = _wait(reader, Limits(**order.limits).longest + GRACE_SECONDS)
        line.sendall(str(ended).encode())
    finally:
        os._exit(0)


def _received(line: socket.socket) -> bytes:
    parts = []
    while part := line.recv(65536):
        parts.append(part)
    return b"".join(parts)


def _read(order: Order, answer: int) -> NoReturn:
    code = _FAILED
    try:
        told = msgspec.json.encode(read_file(order))
        with os.fdopen(answer, "wb") as file:
            file.write(told)
        code = 0
    finally:
        os._exit(code)


def _wait(reader: int, seconds: int) -> int:
    """How the reader ended; one that took its own alarm away is ended from here, and that counts as its alarm."""
    late: list[int] = []

    def end(*_: object) -> None:
        late.append(reader)
        os.kill(reader, signal.SIGKILL)

    signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    _, status = os.waitpid(reader, 0)
    return -signal.SIGALRM if late else os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    serve(socket.socket(fileno=0))
