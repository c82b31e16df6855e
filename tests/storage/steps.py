"""What a supervisor reports, to wait for."""

from __future__ import annotations

import queue

from storage.embedded.supervisor import Step

WAIT = 30.0
"""Seconds after which a test gives up."""


class Steps:
    """A progress callback that remembers, and lets a test wait for what is yet to come."""

    def __init__(self) -> None:
        self._unseen: queue.Queue[tuple[str, Step]] = queue.Queue()
        self.all: list[tuple[str, Step]] = []

    def __call__(self, name: str, step: Step) -> None:
        self.all.append((name, step))
        self._unseen.put((name, step))

    def wait_for(self, name: str, step: Step) -> None:
        while self._unseen.get(timeout=WAIT) != (name, step):
            pass
