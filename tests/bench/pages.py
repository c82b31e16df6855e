"""How long the server takes for the lists and the case page among very many cases, beside an empty page."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import asyncpg
import uvloop

from engine.context import Context
from engine.identity import hash_password
from engine.projecting import project
from storage.db import close_pool
from storage.embedded import with_database
from tests.bench.hall import Hall, connected_context, served
from tests.bench.many_cases import bring_models, copy_cases
from tests.factories import PAYLOADS, Story, bring, firm
from workflows.events import Act

SIZES: Final = (10_000, int(os.environ.get("YICHUANG_BENCH_PAGES_CASES", "100000")))
LOOKS: Final = int(os.environ.get("YICHUANG_BENCH_PAGES_LOOKS", "60"))
"""Looks at each page, after a few that are not counted."""
_UNCOUNTED: Final = 5
_PASSWORD: Final = "Sample-2026"
EMPTY: Final = "an empty page"
PAGES: Final[tuple[tuple[str, str, str], ...]] = (
    (EMPTY, "clerk", "/password"),
    ("tasks of a clerk", "clerk", "/"),
    ("tasks that are red", "clerk", "/?light=red"),
    ("tasks of an issuer", "issuer", "/"),
    ("tasks of an officer", "officer", "/"),
    ("cases", "clerk", "/cases"),
    ("cases of a state", "clerk", "/cases?state=REVIEW"),
    ("cases closed long ago", "clerk", "/cases?state=ARCHIVED"),
    ("cases, three filters", "clerk", "/cases?state=RECEIVED&priority=1&light=amber"),
    ("cases that I own", "clerk", "/cases?owner=1"),
    ("cases due before a day", "clerk", "/cases?due_before=2020-01-01"),
    ("tasks of a department", "reviewer", "/department"),
    ("a stage of a department", "reviewer", "/department?stage=VERIFY"),
    ("results on the shelf", "issuer", "/counter/waiting"),
    ("certificates to make", "issuer", "/counter/making"),
    ("the board of warnings", "supervisor", "/board"),
    ("a list behind it", "supervisor", "/board/cases?level=red"),
    ("the board of cards", "supervisor", "/cards"),
    ("search of cases", "auditor", "/audit?state=ARCHIVED"),
    ("search of events", "auditor", "/audit/events?name=case:archive"),
    ("a case, 40 events, 30 scans", "clerk", "/cases/{case}"),
    ("the same at a desk", "officer", "/cases/{case}/desk"),
)
"""Pages with who looks at them."""
_BARE: Final = """
SELECT c.*, d.name AS department_name, p.name AS person_name FROM cases c
JOIN organisations d ON d.id = c.department_id LEFT JOIN people p ON p.id = c.owner_id
WHERE c.hall_id = $1 ORDER BY c.rank, coalesce(c.due_at, 'infinity'::timestamptz), c.id LIMIT 50
"""


@dataclass
class Reader:
    """One browser, with a connection of its own for a page; it spends little, for the server is what is measured."""

    port: int
    cookie: str = ""
    _to: asyncio.StreamWriter | None = None
    _from: asyncio.StreamReader | None = None

    async def ask(self, method: str, path: str, form: str = "") -> tuple[int, str, bytes]:
        """One request; status, head and body of the answer."""
        if self._to is None or self._from is None:
            self._from, self._to = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nCookie: {self.cookie}\r\n"
        if form:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
        self._to.write(f"{head}\r\n{form}".encode())
        answer = (await self._from.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(line for line in answer.lower().splitlines() if line.startswith("content-length:"))
        return int(answer[9:12]), answer, await self._from.readexactly(int(length.partition(":")[2]))

    def leave(self) -> None:
        """Close the connection."""
        if self._to is not None:
            self._to.close()

    async def sign_in(self, login: str) -> None:
        """Open a session and keep its cookies."""
        status, head, _ = await self.ask("POST", "/sign-in", urlencode({"login": login, "password": _PASSWORD}))
        assert status == 303, (login, status)
        given = [line.partition(":")[2] for line in head.splitlines() if line.lower().startswith("set-cookie:")]
        self.cookie = "; ".join(one.strip().partition(";")[0] for one in given)


async def _long_case(context: Context) -> str:
    """A case on which much has happened: 40 events and 30 scans."""
    story: Story = await bring(context, "RECEIVED", who=firm(90))
    while len(await story.rows("scan_links")) < 30:
        await story.file_scans()
    while len(await story.rows("events")) < 37:
        await story.go("clerk", Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
        await story.go("officer", Act.OVERRULE_ESCALATION, **PAYLOADS[Act.OVERRULE_ESCALATION])
    for who, what in (("officer", Act.ACCEPT), ("clerk", Act.DISPATCH), ("officer", Act.SIGN_IN)):
        await story.go(who, what)
    return story.number


async def _bare(connection: Any, hall: Any) -> float:
    """Median milliseconds of the bare statement behind a list."""
    times = []
    for _ in range(LOOKS):
        begin = time.perf_counter()
        await connection.fetch(_BARE, hall)
        times.append(time.perf_counter() - begin)
    return sorted(times)[len(times) // 2] * 1000


async def _looks(reader: Reader, path: str) -> dict[str, float]:
    """Milliseconds until a page was there: median, 99th percentile and the least; and its size in kB."""
    times, body = [], b""
    for n in range(_UNCOUNTED + LOOKS):
        begin = time.perf_counter()
        status, _, body = await reader.ask("GET", path)
        if n >= _UNCOUNTED:
            times.append(time.perf_counter() - begin)
        assert status == 200, (path, status)
    times.sort()
    found = {"ms": times[len(times) // 2], "p99": times[int(len(times) * 0.99)], "least": times[0]}
    return {name: seconds * 1000 for name, seconds in found.items()} | {"kB": len(body) / 1000}


async def _measured(port: int, case: str) -> dict[str, dict[str, float]]:
    cookies: dict[str, str] = {}
    found = {}
    for name, login, path in PAGES:
        reader = Reader(port, cookies.get(login, ""))
        if login not in cookies:
            await reader.sign_in(login)
            cookies[login] = reader.cookie
        found[name] = await _looks(reader, path.format(case=case))
        reader.leave()
    return found


async def _prepared(hall: Hall) -> tuple[asyncpg.Connection[asyncpg.Record], dict[str, str], str]:
    """A superuser's connection, the cases to copy, and the long case; everybody has a password."""
    context, _, _ = await connected_context(hall, 4)
    models, case = await bring_models(context), await _long_case(context)
    await project(seconds=60, now=datetime.now(UTC))
    await close_pool()
    connection = await asyncpg.connect(with_database(hall.addresses.superuser_database_url, "yichuang"))
    await connection.execute("UPDATE people SET password = $1", await hash_password(_PASSWORD))
    return connection, models, case


async def _sizes(hall: Hall) -> dict[str, dict[str, dict[str, float]]]:
    connection, models, case = await _prepared(hall)
    place = await connection.fetchval("SELECT hall_id FROM cases WHERE number = $1", case)
    found, filled = {}, 0
    with served(hall) as port:
        for size in SIZES:
            await copy_cases(connection, models, filled + 1, size)
            filled = size
            pages = await _measured(port, case)
            found[f"{size:,}"] = {"the bare statement": {"ms": await _bare(connection, place)}, **pages}
    await connection.close()
    return found


def page_rounds(hall: Hall) -> dict[str, dict[str, dict[str, float]]]:
    """By the number of cases: each page with median and 99th percentile in milliseconds, and the floor of both."""
    return uvloop.run(_sizes(hall))
