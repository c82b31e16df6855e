"""One program for the supervisor to run."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from storage.embedded.accounts import Account


def _yes() -> bool:
    return True


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Child:
    """A program, how to tell that it serves, and how to stop it.

    :param name: unique among the supervisor's children; its output goes to ``log/NAME.log``.
    :param argv: absolute path of the program, then its arguments; nothing secret, everyone can read it.
    :param env: the whole environment, or None for the supervisor's own.
    :param account: whom to run as, or None for the present user.
    :param before: called before every start, the first and each restart.
    :param after: called after every end, wanted or not.
    :param ready: true once it serves; called about twenty times a second until then, so it must return soon.
    :param ready_timeout: seconds until a child that is not ready counts as failed.
    :param stop_signal: asks it to end; the whole process group is killed ``stop_timeout`` seconds later.
    :param death_signal: what the kernel sends it, and it alone, when the supervisor dies without stopping it; a
        program with processes of its own needs one on which it ends them, such as SIGTERM.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = field(default=None, repr=False)
    cwd: Path | None = None
    account: Account | None = None
    before: Callable[[], None] = _nothing
    after: Callable[[], None] = _nothing
    ready: Callable[[], bool] = _yes
    ready_timeout: float = 30.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 10.0
    death_signal: signal.Signals = signal.SIGKILL
