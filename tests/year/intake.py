"""From the counter to acceptance, or to an end before it: each function is one way in which it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from engine.mandates.agency import FilingFor, file_for
from engine.mandates.mandating import register_mandate
from tests.factories import PAYLOADS, complete, defects
from tests.mandates import keep_paper, wish
from tests.people import actor
from tests.year import days
from tests.year.life import Life
from workflows.events import Act

CHANGED: Final = "申请人于告知之后变更了经营场所。"
SIGNED: Final[dict[str, Any]] = {"signed": True, "credit_checked": True}
WORD: Final = "逾期未补正。"


async def come(life: Life) -> None:
    """The application reaches the counter: at a window, online with or without pre-review, or through an agent."""
    if life.plan.way == "agent":
        await _through_an_agent(life)
    elif life.plan.way == "online":
        await life.open(life.guide, "online")
    else:
        await life.open(life.clerk, "window")
    if life.plan.way != "window" and not life.item.online_acceptance:
        await _pre_review(life)


async def _through_an_agent(life: Life) -> None:
    request = wish(life.who, item=life.item, from_on=life.today - days.DAY, until_on=life.today + timedelta(days=100))
    mandate = UUID((await register_mandate(life.context, await actor("clerk"), request, life.now))["mandate"])
    await keep_paper(mandate, life.now)
    filed = await file_for(life.context, await actor("agent"), mandate, FilingFor(life.item.code), life.now)
    life.opened(filed, "agent", "window")


async def _pre_review(life: Life) -> None:
    await life.go("agent" if life.plan.way == "agent" else life.guide, Act.SUBMIT)
    await life.pause(life.chance.randrange(2))
    if life.chance.random() < 0.2:
        await life.go("officer", Act.RETURN_PRE_REVIEW, **PAYLOADS[Act.RETURN_PRE_REVIEW])
        await life.pause(1)
        await life.go("agent" if life.plan.way == "agent" else life.guide, Act.SUBMIT)
    await life.go("officer", Act.PASS_PRE_REVIEW)
    await life.pause(life.chance.randrange(1, 4))


async def hand_in(life: Life, missing: int = 0) -> None:
    """The materials are counted and scanned; with ``missing`` lines, so many are not there."""
    await come(life)
    if life.plan.way == "online" and life.item.online_acceptance:
        await life.file_scans()
        counts = complete(life.item, frozenset(life.plan.situation), checked=False)
        await life.go(life.guide, Act.SUBMIT, materials=counts)
    elif missing:
        await life.receive_incomplete(life.clerk, missing)
    else:
        await life.receive(life.clerk)


async def accepted(life: Life) -> None:
    """受理, within the five days; what is decided at once, at once."""
    await hand_in(life)
    await _accept(life)


async def _accept(life: Life) -> None:
    at_once = life.item.case_kind == "instant"
    await life.pause(0 if at_once else life.chance.randrange(3))
    if life.plan.way == "online" and life.item.online_acceptance:
        await life.in_hours()
        await life.check()
    by_window = life.item.authorised_window and life.chance.random() < 0.7 and life.plan.way != "online"
    await life.go(life.clerk if by_window else "officer", Act.ACCEPT)


async def corrected_on_spot(life: Life) -> None:
    """当场更正, then as usual."""
    await hand_in(life)
    await life.go(life.clerk, Act.CORRECT_ON_SPOT, **PAYLOADS[Act.CORRECT_ON_SPOT])
    await _accept(life)


async def tell(life: Life, lines: int, wait: int) -> None:
    """一次性告知 after so many working days, handed to the applicant on the same day."""
    await life.pause(wait)
    await life.give_notice(lines=lines)
    await life.serve("D03")


async def notified(life: Life) -> None:
    """Told once, put right, accepted."""
    await hand_in(life, missing=1)
    await tell(life, 1, life.chance.randrange(3))
    await put_right(life, 1)


async def put_right(life: Life, *lines: int) -> None:
    """Everything that was told comes in, and the application is accepted."""
    await life.pause(life.chance.randrange(1, 12))
    await life.supply(*lines, missing=len(lines))
    await life.pause(0 if life.item.case_kind == "instant" else life.chance.randrange(2))
    await life.go("officer", Act.ACCEPT)


async def notified_twice(life: Life) -> None:
    """Told again because a fact has changed since, which the law allows (72(4))."""
    await hand_in(life, missing=1)
    await tell(life, 1, life.chance.randrange(3))
    await life.pause(life.chance.randrange(1, 6))
    await more_lines(life, CHANGED)
    await life.serve("D03")
    await life.pause(2)
    await life.file_scans("M01")
    await life.go(life.clerk, Act.SUPPLY, lines=[2])
    await life.pause(1)
    await life.supply(1)
    await life.go("officer", Act.ACCEPT)


async def more_lines(life: Life, changed_fact: str) -> None:
    """A second notice about something that the first one did not name."""
    line = {**defects(life.item)[0], "material": "M01", "defect": "与变更后的情况不符"}
    more: dict[str, Any] = {"changed_fact": changed_fact} if changed_fact else {}
    await life.go("officer", Act.ADD_NOTICE_LINES, lines=[line], **more)


async def lapsed(life: Life) -> None:
    """Told once; nothing comes, and after the thirty days and a reminder the authority confirms it."""
    await hand_in(life, missing=1)
    await tell(life, 1, life.chance.randrange(3))
    await life.on(days.on_a_working_day(life.today + timedelta(days=30)) + days.DAY)
    await life.go("officer", Act.CONFIRM_LAPSE, reason=WORD)


async def escalated(life: Life) -> None:
    """拟不予受理: the window asks the authority, which answers within a working day, or at once."""
    await hand_in(life)
    await life.go(life.clerk, Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
    await life.pause(0 if life.item.case_kind == "instant" else life.chance.randrange(2))


async def refused(life: Life) -> None:
    """不予受理, by the authority."""
    await escalated(life)
    await life.go("officer", Act.REFUSE_ACCEPTANCE, **PAYLOADS[Act.REFUSE_ACCEPTANCE])
    await life.serve("D06")


async def overruled(life: Life) -> None:
    """The authority sees it otherwise than the window, and accepts."""
    await escalated(life)
    await life.go("officer", Act.OVERRULE_ESCALATION, **PAYLOADS[Act.OVERRULE_ESCALATION])
    await _accept(life)


async def withdrawn(life: Life) -> None:
    """The applicant takes it back before acceptance."""
    await hand_in(life)
    await life.pause(life.chance.randrange(3))
    await life.go(life.clerk, Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])


async def voided(life: Life) -> None:
    """Opened twice by mistake: two people void it."""
    await come(life)
    await life.go("supervisor", Act.PROPOSE_VOID, reason="同一申请重复登记。")
    await life.go("auditor", Act.VOID, reason="已核实为重复登记。")


async def never_received(life: Life) -> None:
    """Opened, and the applicant left with the papers."""
    await come(life)


async def tolerated(life: Life) -> None:
    """容缺受理: accepted while one line is owed, which comes on the next day."""
    await _tolerated(life)
    await life.pause(1)
    line = defects(life.item)[0]["material"]
    await life.file_scans(line)
    counts = [row for row in complete(life.item, frozenset(life.plan.situation)) if row["line"] == line]
    await life.go(life.clerk, Act.MEET_TOLERANCE, materials=counts)


async def _tolerated(life: Life) -> None:
    await hand_in(life, missing=1)
    await life.go("officer", Act.ACCEPT_WITH_TOLERANCE, **SIGNED)


async def promised(life: Life) -> None:
    """告知承诺: received with the promise, which the approver grants on."""
    await hand_in(life)


async def hand_in_without(life: Life, line: str) -> None:
    """Everything is there but this line."""
    await come(life)
    counts = [row for row in complete(life.item, frozenset(life.plan.situation)) if row["line"] != line]
    await life.file_scans(*(row["line"] for row in counts if not row.get("exempt")))
    await life.go(life.clerk, Act.RECEIVE, materials=counts)


WAYS: Final[Mapping[str, Callable[[Life], Awaitable[None]]]] = {
    way.__name__: way
    for way in (
        accepted, corrected_on_spot, notified, notified_twice, lapsed, refused, overruled, withdrawn, voided,
        never_received, tolerated, promised,
    )
}  # fmt: skip
"""By the name that a plan has for it."""
OVER: Final = frozenset({"lapsed", "refused", "withdrawn", "voided", "never_received"})
"""After these there is nothing to decide."""
