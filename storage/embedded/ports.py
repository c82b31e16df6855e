"""Ports on 127.0.0.1: chosen free on the first start, kept as long as they stay free."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from storage.embedded.places import write_private

_HOST = "127.0.0.1"


def ensure_ports(path: Path, names: Sequence[str]) -> dict[str, int]:
    """Return a free port for each of ``names``: the remembered ones if none is taken, else all anew.

    :param path: the JSON file that remembers them.
    """
    known = _read(path)
    if set(known) == set(names) and all(_is_free(port) for port in known.values()):
        return known
    chosen = _choose(names)
    write_private(path, json.dumps(chosen, indent=1).encode())
    return chosen


def read_ports(path: Path) -> dict[str, int]:
    """Return the remembered ports, checking nothing."""
    return _read(path)


def _read(path: Path) -> dict[str, int]:
    if not path.exists():
        return {}
    try:
        return {str(name): int(port) for name, port in json.loads(path.read_bytes()).items()}
    except (ValueError, AttributeError):
        # A damaged file loses nothing but the numbers: they are chosen anew.
        return {}


def _choose(names: Sequence[str]) -> dict[str, int]:
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in names]
        for listener in listeners:
            listener.bind((_HOST, 0))
        return {name: listener.getsockname()[1] for name, listener in zip(names, listeners, strict=True)}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True
