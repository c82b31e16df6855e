"""Browsers of the people of the sample hall, and cases for them to work on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.state import context_of
from tests.api.hall import Clock, over
from tests.api.pages.browser import Browser
from tests.factories import Story, bring

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


@pytest.fixture
async def at_desk(app: Litestar) -> AsyncIterator[At]:
    """``await at_desk("clerk")``: a browser in which that person has signed in; without a login, nobody has."""
    async with AsyncExitStack() as stack:

        async def browser(login: str = "") -> Browser:
            client = await stack.enter_async_context(
                httpx.AsyncClient(transport=over(app), base_url="http://hall.test")
            )
            found = Browser(client)
            if login:
                await found.sign_in(login)
            return found

        yield browser


@pytest.fixture
def case_in(app: Litestar, clock: Clock) -> Bring:
    """``await case_in("REVIEW")``: a case in this state; the server's time follows it."""

    async def make(state: str, **opening: Any) -> Story:
        story = await bring(context_of(app), state, **opening)
        clock.now = story.now + timedelta(minutes=10)
        return story

    return make
