"""From acceptance to the decision: each function is one way in which it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from tests.factories import OPINION, PAYLOADS
from tests.year import days
from tests.year.life import Life
from workflows.events import Act

Way = Callable[[Life], Awaitable[None]]
PROMISE: Final[dict[str, Any]] = {"told": "已告知条件、标准和后果。", "signed": True, "opinion": "同意。"}
TESTING: Final[dict[str, Any]] = {"kind": "testing", "reason": "须检测样品。"}
INSTITUTION: Final[dict[str, Any]] = {"institution": "示例检测中心"}


async def to_review(life: Life) -> None:
    """分办 at once, signed in by the next day."""
    await life.go(life.clerk, Act.DISPATCH)
    await life.pause(life.chance.randrange(2))
    await life.go("officer", Act.SIGN_IN)


async def to_decide(life: Life) -> None:
    """Reviewed in a day or some, according to the department."""
    await to_review(life)
    await life.pause(life.chance.randrange(2) + life.plan.slow)
    await submit(life)


async def submit(life: Life, proposal: str = "grant") -> None:
    await life.go("officer", Act.SUBMIT_REVIEW, opinion=OPINION, proposal=proposal)


async def grant(life: Life) -> None:
    await life.go("approver", Act.GRANT, **PAYLOADS[Act.GRANT])


async def plain(life: Life) -> None:
    await to_decide(life)
    await life.pause(life.chance.randrange(2))
    await grant(life)


async def endorsed(life: Life) -> None:
    await to_decide(life)
    await life.go("reviewer", Act.ENDORSE, **PAYLOADS[Act.ENDORSE])
    await life.pause(life.chance.randrange(2))
    await grant(life)


async def sent_back(life: Life) -> None:
    await to_review(life)
    await submit(life)
    await life.go("approver", Act.SEND_BACK, **PAYLOADS[Act.SEND_BACK])
    await life.pause(1)
    await submit(life)
    await life.pause(1)
    await grant(life)


async def denied(life: Life) -> None:
    await to_decide(life)
    await life.pause(life.chance.randrange(2))
    await life.go("approver", Act.DENY, **PAYLOADS[Act.DENY])


async def withdrawn(life: Life) -> None:
    await to_review(life)
    await life.go(life.clerk, Act.WITHDRAW, **PAYLOADS[Act.WITHDRAW])


async def terminated(life: Life) -> None:
    await to_review(life)
    await life.go("approver", Act.TERMINATE, cause="force_majeure", reason="台风致经营场所灭失。")


async def extended(life: Life) -> None:
    """延期, once, before the promised day, by the head of the authority."""
    await to_review(life)
    await life.pause(2)
    await life.go("authority_head", Act.EXTEND, reason="涉及多部门核实。")
    await submit(life)
    await life.pause(2)
    await life.go("approver", Act.SEND_BACK, **PAYLOADS[Act.SEND_BACK])
    await life.pause(2)
    await submit(life)
    await life.pause(1)
    await grant(life)


async def reassigned(life: Life) -> None:
    await to_review(life)
    await life.go("approver", Act.REASSIGN, to="officer2", reason="原承办人出差。")
    await life.pause(1)
    await life.go("officer2", Act.SUBMIT_REVIEW, opinion=OPINION, proposal="grant")
    await grant(life)


async def tested(life: Life) -> None:
    """特别程序: told and served before it begins; its time does not count (行政许可法45)."""
    await to_review(life)
    end = days.on_a_working_day(life.today + timedelta(days=10))
    plan: dict[str, Any] = {"planned_start": life.today.isoformat(), "planned_end": end.isoformat()}
    await life.go("officer", Act.TELL_SPECIAL, **TESTING, **plan)
    await life.serve("D09")
    await life.go("officer", Act.START_SPECIAL, kind="testing", **INSTITUTION)
    await life.on(life.today + timedelta(days=life.chance.randrange(3, 10)))
    await life.go("officer", Act.FINISH_SPECIAL, result="样品合格。")
    await life.pause(1)
    await submit(life)
    await grant(life)


async def at_once(life: Life) -> None:
    """即办: decided as soon as it is accepted, by another person."""
    await grant(life)


async def converted(life: Life) -> None:
    """即办件转承诺件: what cannot be decided at once is promised within two days."""
    await life.go("officer", Act.CONVERT_TO_PROMISE, reason="须向外地机关核实。", days=2)
    await life.go(life.clerk, Act.DISPATCH)
    await life.go("officer", Act.SIGN_IN)
    await life.pause(life.chance.randrange(1, 3))
    await submit(life)
    await grant(life)


async def on_promise(life: Life) -> None:
    """告知承诺: granted on the day of receipt, and checked within the forty days."""
    await life.go("approver", Act.GRANT_ON_PROMISE, **PROMISE)


async def checked(life: Life) -> None:
    """承诺核查: within the forty days."""
    await life.pause(life.chance.randrange(5, 30))
    await life.go("officer", Act.CHECK_PROMISE, outcome="kept", findings="与承诺一致。")


HANDLING: Final[Mapping[str, Way]] = {
    way.__name__: way
    for way in (
        plain, endorsed, sent_back, denied, withdrawn, terminated, extended, reassigned, tested, at_once, converted,
        on_promise,
    )
}  # fmt: skip
"""By the name that a plan has for it."""
OVER: Final = frozenset({"withdrawn", "terminated"})
"""After these there is nothing to hand over."""
