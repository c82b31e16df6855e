"""How the stories of planted breaches go on where nothing is wrong with them, and attempts that come to nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import time
from typing import Any

import pytest

from engine.timing import fire_case
from tests.factories import PAYLOADS, table_counts
from tests.year import days, intake
from tests.year.handing_over import collected, made
from tests.year.handling import grant, submit, to_review
from tests.year.life import Life
from workflows.errors import YichuangError
from workflows.events import Act


async def decided_at(life: Life, clock: time) -> None:
    """Accepted on the day of receipt and decided on the fifth working day at that minute."""
    await intake.hand_in(life)
    await life.go(life.clerk, Act.ACCEPT)
    await life.go(life.clerk, Act.DISPATCH)
    await life.go("officer", Act.SIGN_IN)
    last = days.after(life.today, 5)
    await life.pause(3)
    await submit(life)
    await life.until(days.moment(last, clock))
    await life.go("approver", Act.GRANT, at=life.now, **PAYLOADS[Act.GRANT])
    await life.pause(1)
    await collected(life)


async def granted(life: Life) -> None:
    """Accepted, reviewed and granted on the day of receipt; the certificate waits."""
    await intake.hand_in(life)
    await life.go(life.clerk, Act.ACCEPT)
    await to_review(life)
    await submit(life)
    await grant(life)
    await made(life, 0)


async def decided_at_once(life: Life) -> None:
    """From acceptance into the applicant's hands in a day or two."""
    await to_review(life)
    await finished(life)


async def finished(life: Life) -> None:
    """From review into the applicant's hands without more waiting."""
    await submit(life)
    await grant(life)
    await collected(life)


async def reviewed_until(life: Life, working_days: int) -> None:
    """Accepted on the day of receipt, and under review until so many working days later."""
    await intake.hand_in(life)
    await life.go(life.clerk, Act.ACCEPT)
    await life.go(life.clerk, Act.DISPATCH)
    await life.go("officer", Act.SIGN_IN)
    await life.pause(working_days)


async def refused(life: Life, who: str, what: Act, code: str, **payload: Any) -> None:
    """An act that is refused and leaves nothing behind."""
    await nothing_comes_of(life, lambda: super(Life, life).go(who, what, at=life.now, **payload), code)


async def nothing_comes_of(life: Life, attempt: Callable[[], Awaitable[Any]], code: str) -> None:
    """Whatever was tried, no row of any table came of it; what time had to do before has been done."""
    await fire_case(life.context, life.number, life.now)
    before = await table_counts()
    with pytest.raises(YichuangError) as refusal:
        await attempt()
    assert refusal.value.code == code, life.plan.name
    assert await table_counts() == before
