"""Time of a simulation: many stories wait for their moments, and are woken one at a time, the earliest first."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any


class VirtualTime:
    """Runs coroutines that wait for moments; only one goes on at a time, so that the same seed tells the same year."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._over: list[asyncio.Task[None]] = []
        self._still = asyncio.Event()
        self._count = 0

    async def until(self, at: datetime) -> None:
        """Wait for a moment; one that has passed comes at once, after those that wait for the same."""
        future = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (at, self._count, future))
        self._still.set()
        await future

    def begin(self, at: datetime, story: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let a story begin at a moment."""

        async def begun() -> None:
            await self.until(at)
            await story()

        task = asyncio.get_running_loop().create_task(begun())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._over.append(task)
        self._still.set()

    async def run(self, end: datetime, each_day: Callable[[datetime], Awaitable[datetime]], first: datetime) -> None:
        """Let time go by up to a moment; what would come later is left where it stands.

        :param each_day: called at ``first``; returns the moment at which it is to be called again.
        """
        try:
            await asyncio.sleep(0)
            while first <= end:
                await self._up_to(first)
                first = await each_day(first)
            await self._up_to(end)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _up_to(self, end: datetime) -> None:
        while self._waiting and self._waiting[0][0] <= end:
            _, _, future = heapq.heappop(self._waiting)
            self._still.clear()
            future.set_result(None)
            await self._still.wait()
            while self._over:
                self._over.pop().result()
