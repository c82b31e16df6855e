"""A page asks the database the same number of questions, however much there is to show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from litestar import Litestar

from api.state import context_of
from engine.timing import fire_case
from storage.db import DB
from tests.api.hall import Clock
from tests.api.pages.browser import Browser
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
