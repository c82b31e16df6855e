"""What the applicant says of it afterwards, and how a bad word is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec import convert

from engine.papers.returning import Returning, give_back
from engine.ratings.rating_review import (
    Following,
    Proposing,
    Settling,
    follow_up,
    propose_review,
    settle_review,
)
from tests.people import actor
from tests.year.life import Life
from workflows.events import Act
from workflows.payload import Person


async def asked(life: Life) -> None:
    """The applicant is invited to rate, and does or does not."""
    await life.invite()
    if life.plan.rating:
        await life.pause(life.chance.randrange(3))
        await life.rate(life.plan.rating)
        if life.plan.answered:
            await ANSWERS[life.plan.answered](life)


async def _contact(life: Life, wait: int, *, hard: bool = False) -> None:
    await life.pause(wait)
    await life.go("complaint_handler", Act.CONTACT_RATER, note="已致歉。", complex=hard)


async def papers_back(life: Life) -> None:
    """退还原件: where the hall owes originals after an end without a decision, the applicant comes for them."""
    if any(row["kind"] == "originals_return" and row["done_at"] is None for row in await life.rows("duties")):
        await life.pause(1)
        request = Returning(convert(life.recipient(), Person), signed=True)
        await give_back(life.context, await actor(life.clerk), life.number, request, life.now)
        life.note("give_back", life.clerk)


async def rectified(life: Life) -> None:
    """Contacted on the next day, put right within five, and asked again."""
    await _contact(life, 1)
    await life.pause(life.chance.randrange(1, 5))
    await _put_right(life)


async def _put_right(life: Life) -> None:
    await life.go("complaint_handler", Act.RECTIFY, result="增开一个窗口。")
    await life.pause(2)
    handler = await actor("complaint_handler")
    await follow_up(life.context, handler, life.number, Following(True, "已回访。", satisfied=True), life.now)
    life.note("follow_up", "complaint_handler")


async def involved(life: Life) -> None:
    """A complex matter: fifteen working days."""
    await _contact(life, 1, hard=True)
    await life.pause(9)
    await _put_right(life)


async def rectify_late(life: Life) -> None:
    """Contact on the third working day instead of the first, rectified on the ninth instead of the fifth."""
    await _contact(life, 3)
    await life.pause(6)
    await life.go("complaint_handler", Act.RECTIFY, result="已整改。")


async def set_aside(life: Life) -> None:
    """误评: two people say so."""
    handler, supervisor = await actor("complaint_handler"), await actor("supervisor")
    await life.pause(1)
    request = Proposing("评价人选错了等级。", "电话录音。")
    await propose_review(life.context, handler, life.number, request, life.now)
    await settle_review(life.context, supervisor, life.number, Settling(True, "录音属实。"), life.now)
    life.note("set_aside", "supervisor")


ANSWERS: Final[Mapping[str, Callable[[Life], Awaitable[None]]]] = {
    way.__name__: way for way in (rectified, involved, set_aside)
}
