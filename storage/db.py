"""One PostgreSQL engine for Piccolo's queries and for hand-written SQL, in one pool and one transaction."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeAlias, cast

import asyncpg
import msgspec
from asyncpg import exceptions as pg
from piccolo.engine.postgres import PostgresEngine

from workflows.errors import Unavailable

os.environ.setdefault("PICCOLO_CONF", "storage.piccolo_conf")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

LOST: Final = (
    OSError,
    pg.PostgresConnectionError,
    pg.InterfaceError,
    pg.CannotConnectNowError,
    pg.OperatorInterventionError,
)
"""What asyncpg raises when the server went away or cannot be reached."""


class _Engine(PostgresEngine):
    """Piccolo's engine without its look at a server when it is made: at that time there is no address yet."""

    async def check_version(self) -> None:
        """No question to whatever listens on the default port."""

    async def prep_database(self) -> None:
        """No extensions are needed."""

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        """Piccolo's single queries, on the connection that the task holds already if it holds one."""
        async with reading() as connection:
            return await connection.fetch(query, *(args or ()))


DB: Final = _Engine(config={}, extensions=())
"""The engine that every table names; :func:`connected` gives it an address."""

_HELD: Final[ContextVar[Connection | None]] = ContextVar("held", default=None)
"""The connection that this task holds."""

_encoder = msgspec.json.Encoder()


class _PooledConnection(asyncpg.Connection):
    """A connection without session state of its own, so nothing has to be reset between two uses."""

    def get_reset_query(self) -> str:
        """No statement: one round trip less for each act."""
        return ""


def to_json(value: Any) -> str:
    """JSON text for a ``jsonb`` parameter; text is taken to be JSON already, as Piccolo sends it."""
    return value if isinstance(value, str) else _encoder.encode(value).decode()


async def _init(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=to_json, decoder=msgspec.json.decode, format="text"
    )


async def open_pool(url: str, *, size: int = 16, warm: bool = False) -> None:
    """Connect the engine.

    :param url: ``postgresql://role:password@host/database`` or the same over a socket (``?host=/folder``).
    :param size: connections at most. :param warm: open all of them now, so that no request has to wait for one.
    :raises Unavailable: when the server does not answer.
    """
    DB.config.clear()
    DB.config.update(dsn=url)
    try:
        await DB.start_connection_pool(
            min_size=size if warm else 1,
            max_size=size,
            init=_init,
            connection_class=_PooledConnection,
            command_timeout=60,
            server_settings={"plan_cache_mode": "force_generic_plan", "jit": "off", "application_name": "yichuang"},
            max_inactive_connection_lifetime=0,
        )
    except LOST as problem:
        raise database_unavailable() from problem


async def close_pool() -> None:
    """Close every connection; unfinished statements are cancelled after five seconds."""
    pool, DB.pool = DB.pool, None
    if pool is not None:
        try:
            await asyncio.wait_for(pool.close(), 5)
        except TimeoutError:
            pool.terminate()


@asynccontextmanager
async def connected(url: str, *, size: int = 4) -> AsyncIterator[None]:
    """The engine connected for the length of a block (commands, jobs, tests)."""
    await open_pool(url, size=size)
    try:
        yield
    finally:
        await close_pool()


@asynccontextmanager
async def transaction() -> AsyncIterator[Connection]:
    """One transaction, shared by Piccolo queries and by SQL on the connection it yields. Never nested.

    Piccolo's own context manager loses its connection, and stays "inside" for good, when the server dies under it;
    this one gives both back whatever happens.

    :raises Unavailable: when the server went away; what was not committed is undone, and the request may be repeated.
    """
    async with reading() as connection:
        opened = DB.transaction(allow_nested=False)
        opened.connection = connection
        inside = DB.current_transaction.set(opened)
        try:
            async with connection.transaction():
                yield connection
        finally:
            DB.current_transaction.reset(inside)


@asynccontextmanager
async def reading() -> AsyncIterator[Connection]:
    """A connection for statements that each stand alone; one that this task holds already is used again.

    Nobody who holds a connection waits for a second one, so any number of first requests pass through a small pool. A
    task that is started inside must be given a context of its own, or it would share the connection.

    :raises Unavailable: when the server went away.
    """
    held = _HELD.get()
    if held is not None:
        yield held
        return
    pool = DB.pool
    if pool is None:
        raise database_unavailable()
    try:
        connection = await pool.acquire()
    except LOST as problem:
        raise database_unavailable() from problem
    token = _HELD.set(cast(Connection, connection))
    try:
        yield cast(Connection, connection)
    except LOST as problem:
        if _is_callers_own(problem) and not connection.is_closed():
            raise
        raise database_unavailable() from problem
    finally:
        _HELD.reset(token)
        await pool.release(connection)


def _is_callers_own(problem: Exception) -> bool:
    """Whether a failure may be of something else that is done inside the block, such as a file that is not there."""
    return isinstance(problem, OSError) and not isinstance(problem, (ConnectionError, TimeoutError))


def database_unavailable() -> Unavailable:
    """What a person is told while PostgreSQL does not answer."""
    return Unavailable(
        "database_unavailable",
        "数据库暂时无法连接，本次操作未获确认。请稍后用同一请求重试，不会重复写入。",
        "The database does not answer, so the act is not confirmed. Repeat the same request; it is not done twice.",
    )


def uuid7() -> uuid.UUID:
    """A time-ordered key (RFC 9562, version 7): milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)
