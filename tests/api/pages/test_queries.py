"""A page asks the database the same number of questions, however much there is to show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
from litestar import Litestar

from api.state import context_of
from engine.timing import fire_case
from storage.db import DB
from tests.api.hall import Clock
from tests.api.pages.browser import Browser
from tests.conftest import Database
from tests.factories import ITEMS, START, Story, bring, firm
from workflows.events import Act

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


@asynccontextmanager
async def counted() -> AsyncIterator[list[str]]:
    """Every statement that the application sends to its database within the block."""
    asked: list[str] = []
    pool: Any = DB.pool

    def note(record: Any) -> None:
        asked.append(record.query)

    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(pool.acquire()) for _ in range(pool.get_max_size())]
        for connection in connections:
            connection.add_query_logger(note)
    try:
        yield asked
    finally:
        async with AsyncExitStack() as stack:
            for _ in range(pool.get_max_size()):
                connection = await stack.enter_async_context(pool.acquire())
                connection.remove_query_logger(note)


async def questions(browser: Browser, address: str) -> int:
    """How many statements one look at a page takes, once everything that is kept is known."""
    await browser.open(address)
    async with counted() as asked:
        page = await browser.open(address)
    assert page.answer.status_code == 200, page.text
    assert "/sign-in" not in str(page.answer.url)
    return len([statement for statement in asked if not statement.startswith("NOTIFY")])


async def test_a_case_with_much_beside_its_way_asks_no_more_than_a_bare_one(
    app: Litestar, at_desk: At, case_in: Bring, clock: Clock
) -> None:
    joint = ITEMS[13]
    bare, full = await case_in("REVIEW"), await bring(context_of(app), "ACCEPTED", item=joint, who=firm(2))
    await full.go("clerk", Act.DISPATCH)
    await full.go("officer", Act.SIGN_IN)
    parties = [{"name": f"示例住户{n}", "interest": "采光"} for n in range(5)]
    await full.go("officer", Act.TELL_THIRD_PARTY, parties=parties)
    clock.now = START + timedelta(days=20)
    await fire_case(context_of(app), full.number, clock.now)
    clerk = await at_desk("clerk")
    page = await clerk.open(f"/cases/{full.number}")
    for section in ("cards", "duties", "children", "procedures", "messages"):
        assert f'id="{section}"' in page.html, section
    assert await questions(clerk, f"/cases/{full.number}") == await questions(clerk, f"/cases/{bare.number}")


async def test_a_list_asks_no_more_for_many_cases_than_for_one(at_desk: At, case_in: Bring) -> None:
    await case_in("RECEIVED")
    one = await questions(await at_desk("clerk"), "/")
    for number in range(2, 8):
        await case_in("RECEIVED", who=firm(number))
    many = await questions(await at_desk("clerk"), "/")
    assert many == one > 2


async def copies(database: Database, number: str, first: int, last: int) -> None:
    """Cases that differ from one in nothing but their numbers."""
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute("SET session_replication_role = replica")
        changed = {"id": "uuidv7()", "number": "'copy-' || n", "query_code": "'copy-' || n"}
        rows = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'cases'"
        )
        names = [row["column_name"] for row in rows]
        values = ", ".join(changed.get(name, f'c."{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        await connection.execute(
            f"INSERT INTO cases ({quoted}) SELECT {values} FROM cases c CROSS JOIN generate_series($2::int, $3::int) n"
            " WHERE c.number = $1",
            number, first, last,
        )  # fmt: skip
    finally:
        await connection.close()


LISTS = (
    ("clerk", "/"), ("clerk", "/?light=red"), ("clerk", "/cases?item=x&state=RECEIVED"),
    ("clerk", "/cases?due_before=2030-01-01"), ("reviewer", "/department"), ("issuer", "/counter/making"),
    ("supervisor", "/board"), ("supervisor", "/board/cases?level=red"), ("auditor", "/audit?state=REVIEW"),
    ("auditor", "/audit/events"),
)  # fmt: skip


async def test_a_hundred_cases_take_as_many_questions_as_ten(at_desk: At, case_in: Bring, database: Database) -> None:
    stories = [await case_in(state, who=firm(n)) for n, state in enumerate(("RECEIVED", "REVIEW", "GRANTED"))]
    readers = {login: await at_desk(login) for login in dict(LISTS)}
    counts = []
    for last in (10, 100):
        for n, story in enumerate(stories):
            await copies(database, story.number, 1000 * n + last // 10, 1000 * n + last - 1)
        counts.append({address: await questions(readers[login], address) for login, address in LISTS})
    assert counts[0] == counts[1]
    assert min(counts[0].values()) > 1


async def test_the_parts_of_a_page_share_one_look_at_the_case(at_desk: At, case_in: Bring) -> None:
    story, officer = await case_in("REVIEW"), await at_desk("officer")
    for address in (f"/cases/{story.number}", f"/cases/{story.number}/desk"):
        async with counted() as asked:
            assert (await officer.open(address)).answer.status_code == 200
        looks = [statement for statement in asked if "FROM cases c" in statement and "c.number = $1" in statement]
        assert len(looks) <= 2, address  # one to show, one to see whether scans may be added
