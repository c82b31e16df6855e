"""Tells pages that are open that something was committed, so that they may look again. Nothing of it is said what.

A process listens to what wakes the relay too, on one connection, while anybody waits.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

import asyncpg
import structlog

from storage import outbox
from storage.db import LOST, Connection
from workflows.errors import Unavailable

_LOG: Final = structlog.get_logger("live")
_AGAIN_SECONDS: Final = 2.0
END_STREAMS: Final = signal.SIGUSR1
"""What tells a serving process that it will be asked to stop."""


class Changes:
    """What waits in one process for changes.

    :param url: the database, for the connection that listens.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: set[asyncio.Event] = set()
        self._listening: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()

    async def follow(self, *, gap: float, lifetime: float) -> AsyncIterator[bool]:
        """True whenever something was committed since the last time, False where nothing was for long.

        :param gap: seconds between two of them, at least. :param lifetime: seconds after which it ends.
        """
        changed = asyncio.Event()
        self._waiting.add(changed)
        self._listen()
        loop = asyncio.get_running_loop()
        until = loop.time() + lifetime
        try:
            while not self._ending.is_set() and loop.time() < until:
                yield await self._told(changed, min(15.0, until - loop.time()))
                await self._rest(gap)
        finally:
            self._waiting.discard(changed)

    async def _told(self, changed: asyncio.Event, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), max(0.0, seconds))
        told = changed.is_set() and not self._ending.is_set()
        changed.clear()
        return told

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)

    def end(self) -> None:
        """End everything that follows: the process is about to stop."""
        self._ending.set()
        self._tell()

    async def close(self) -> None:
        """End, and listen no more."""
        self.end()
        if self._listening:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    def _tell(self, *_: Any) -> None:
        for changed in self._waiting:
            changed.set()

    def _listen(self) -> None:
        if self._listening is None or self._listening.done():
            self._listening = asyncio.get_running_loop().create_task(self._keep_listening())

    async def _keep_listening(self) -> None:
        """While anybody follows; a server that goes away is looked for again, and whoever follows looks once more."""
        while self._waiting:
            try:
                await self._until_lost()
            except (Unavailable, OSError, *LOST, asyncpg.PostgresError):
                _LOG.info("not listening for changes")
            await asyncio.sleep(_AGAIN_SECONDS)
            self._tell()

    async def _until_lost(self) -> None:
        connection: Connection = await asyncpg.connect(self._url, timeout=5)
        gone = asyncio.Event()

        def lost(_: Any) -> None:
            gone.set()

        connection.add_termination_listener(lost)
        try:
            await connection.add_listener(outbox.CHANNEL, self._tell)
            while self._waiting and not gone.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(gone.wait(), 30)
        finally:
            connection.terminate()  # a listener has nothing to finish, and its server may be gone
