"""A department's system as the network sees it: a small HTTP server on loopback that keeps what it is sent."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass
class Message:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found


@dataclass
class Receiver:
    """What arrived, and how to answer: ``statuses`` in turn, then ``status``; after ``wait`` seconds.

    A body that holds ``poison`` is answered 400.
    """

    port: int = 0
    status: int = 204
    statuses: list[int] = field(default_factory=list)
    wait: float = 0.0
    headers: str = ""
    poison: bytes = b""
    endless: bool = False
    got: list[Message] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0
    most_at_once: int = 0
    sent: int = 0
    connections: int = 0

    def url(self, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                await self._one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append(Message(head[0].split()[1], headers, body))
        self.arrived.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.wait)
        finally:
            self.at_once -= 1
        status = self.statuses.pop(0) if self.statuses else self.status
        if self.poison and self.poison in body:
            status = 400
        if self.endless:
            await self._pour(writer, status)
        content = "" if status == 204 else "Content-Length: 2\r\n"
        writer.write(f"HTTP/1.1 {status} X\r\n{content}{self.headers}\r\n".encode() + (b"" if status == 204 else b"{}"))
        await writer.drain()

    async def _pour(self, writer: asyncio.StreamWriter, status: int) -> None:
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 1000000000\r\n\r\n".encode())
        while True:
            writer.write(bytes(16384))
            await writer.drain()
            self.sent += 16384


@asynccontextmanager
async def receiving(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, **how: Any) -> AsyncIterator[Receiver]:
    """A server for the length of a block. ``how``: fields of :class:`Receiver`."""
    receiver = Receiver(**how)
    server = await asyncio.start_server(receiver.serve, host, 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
