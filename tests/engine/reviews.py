"""What scenarios of a review share: time that passes, papers that are served, and what an act left behind."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from engine.context import Context
from engine.timing import fire_case
from storage import audit
from tests.factories import FOOD, Story, bring, publish
from workflows.clock import Unit
from workflows.events import Act
from workflows.item import Extension, PromiseLimit, StatutoryLimit

TWENTY: Final[dict[str, Any]] = {
    "statutory_limit": StatutoryLimit(n=20, unit=Unit.working_days, basis="行政许可法42(1)"),
    "promise_limit": PromiseLimit(n=15, unit=Unit.working_days),
    "extension": Extension(n=10, unit=Unit.working_days, approver="authority_head", basis="行政许可法42(1)"),
}
"""The food business permit under general limits: from 2 March 2026, 15 working days end on the 23rd, 20 on the 30th."""

BY_INSTITUTION: Final[dict[str, Any]] = {"institution": "示例检测中心"}
"""Who carries out a test."""


def at(day: str, clock: str = "09:30") -> datetime:
    """A moment by the hall's clock (UTC+8), as UTC."""
    return datetime.fromisoformat(f"{day}T{clock}:00+08:00").astimezone(UTC)


async def in_review(context: Context, **changes: Any) -> Story:
    """A food business permit that officer reviews since 2 March, with some fields of the item changed."""
    return await bring(context, "REVIEW", await publish(FOOD, **TWENTY | changes))


async def until(story: Story, day: str, clock: str = "09:30") -> None:
    """Time passes, and does on the case what it has to do."""
    story.now = at(day, clock)
    await fire_case(story.context, story.number, story.now)


async def serve(story: Story, code: str) -> str:
    """Serve the newest document of a kind at the window; its number."""
    number = (await story.documents())[code]
    await story.go("clerk", Act.SERVE, document=number, way="window", recipient="示例餐饮1有限公司")
    return number


async def told(story: Story, act: Act) -> list[tuple[str, str]]:
    """Who was told of an act, and how."""
    rows = await story.rows("notifications", "seq, id")
    return [(row["recipient"], row["way"]) for row in rows if row["event"] == act.value]


async def paper(story: Story, code: str) -> dict[str, Any]:
    """The newest document of a kind, as its row."""
    return [row for row in await story.rows("documents", "seq, code") if row["code"] == code][-1]


async def last_event(story: Story) -> dict[str, Any]:
    """The newest event of the trail."""
    return (await audit.of_case(story.number, limit=1000))[-1]
