"""Lets a refusal reach a client that is still sending.

A server that answers and closes while a body is on its way loses the answer: a clerk would see a broken connection
instead of the reason. So an error that comes before the whole body was read waits a moment for the rest of it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

_BYTES: Final = 64 * 2**20
_SECONDS: Final = 2.0
_FIRST_ERROR: Final = 400


class Draining:
    """An ASGI application around another: before an error is sent, what is left of the body is read past, in bounds."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection's scope; only HTTP requests are watched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        whole = False

        async def watched() -> Any:
            nonlocal whole
            message = await receive()
            whole = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def drained(message: Any) -> None:
            early = message["type"] == "http.response.start" and message["status"] >= _FIRST_ERROR
            if early and not whole and scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
                await _drain(receive)
            await send(message)

        await self._app(scope, watched, drained)


async def _drain(receive: Any) -> None:
    left = _BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
