"""The year itself: who comes when, what time does every evening, and what is asked of the figures on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from random import Random
from typing import Any, Final

from engine.context import Context
from engine.opening import Applicant
from engine.sweeping import sweep
from tests.factories import firm, person
from tests.year import afterwards, days, handing_over, handling, intake, planted
from tests.year.history_by_hand import Ticket
from tests.year.life import FIRST_MINUTE, Deed, Life, begin
from tests.year.plan import FIRST, LAST, YEAR, Plan, drawn
from tests.year.tickets import SOLVED_AFTER, Desk
from tests.year.virtual_time import VirtualTime
from workflows.events import Act

Story = Callable[[Life], Coroutine[Any, Any, None]]

EVENING: Final = time(20, 0)
MORNING: Final = days.opening(FIRST)
ENOUGH: Final = 120.0
"""Seconds that a sweep of one evening may take."""
MANY: Final = 1000
"""So many invented people there are of each kind."""


@dataclass
class Year:
    """A year of the hall: the cases with their plans, and the diary of everything that people did."""

    lives: list[Life] = field(default_factory=list)
    diary: list[Deed] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    until: datetime = MORNING
    fired: int = 0


async def live(
    context: Context, seed: int, count: int, each_evening: Callable[[Year, datetime], Awaitable[None]]
) -> Year:
    """Let the year go by.

    :param count: applications beside the planted ones. :param each_evening: called with every evening (UTC).
    """
    year, clock, chance = Year(), VirtualTime(), Random(seed)
    plans = [(plan, whole) for plan in drawn(chance, count)]
    for number, (plan, story) in enumerate([*plans, *planted.stories()], 1):
        life = begin(context, plan, _applicant(plan, number), clock, Random(chance.random()), year.diary)
        year.lives.append(life)
        clock.begin(plan.arrives, partial(story, life))
    desk = Desk(context, clock, year.tickets)
    for month, solved_after in enumerate(SOLVED_AFTER, 1):
        at = days.moment(days.on_a_working_day(date(YEAR, month, 12)), FIRST_MINUTE)
        clock.begin(at, partial(desk.ticket, solved_after, at))

    async def evening(at: datetime) -> datetime:
        swept = await sweep(context, at, seconds=ENOUGH)
        assert (swept.failed, swept.whole) == (0, True)
        year.until, year.fired = at, year.fired + swept.carried_out
        await each_evening(year, at)
        return at + days.DAY

    await clock.run(days.moment(LAST, EVENING), evening, days.moment(FIRST, EVENING))
    year.lives = [life for life in year.lives if life.number]
    return year


def _applicant(plan: Plan, number: int) -> Applicant:
    some = person if "person" in plan.item.subjects and (number % 3 or "enterprise" not in plan.item.subjects) else firm
    return some(number % MANY)


async def whole(life: Life) -> None:
    """An application as it was planned, from the counter to the archive."""
    plan = life.plan
    await intake.WAYS[plan.intake](life)
    if plan.intake in intake.OVER:
        await afterwards.papers_back(life)
        return
    if plan.intake == "promised":
        await handling.on_promise(life)
    else:
        await handling.HANDLING[plan.handling](life)
    if plan.handling == "denied" and plan.intake != "promised":
        await handing_over.denial_served(life)
    elif plan.handling not in handling.OVER or plan.intake == "promised":
        await handing_over.ISSUE[plan.issue](life)
    else:
        await afterwards.papers_back(life)
        return
    await afterwards.asked(life)
    if plan.intake == "promised":
        await handling.checked(life)
    if plan.archived:
        await life.pause(2)
        await life.go("archivist", Act.ARCHIVE)
