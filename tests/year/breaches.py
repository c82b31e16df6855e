"""The stories of the breaches that are planted in the year, and of attempts that the engine must refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Final

from engine.operations import act
from tests.factories import PAYLOADS, defects
from tests.people import actor
from tests.year import days, intake
from tests.year.afterwards import papers_back, rectify_late
from tests.year.ends import (
    decided_at,
    decided_at_once,
    finished,
    granted,
    nothing_comes_of,
    refused,
    reviewed_until,
)
from tests.year.handing_over import collected, made
from tests.year.handling import grant, on_promise, submit, to_review
from tests.year.life import Life
from workflows.events import Act

WORD: Final = "因核查情况复杂，办理时间超过承诺期限。"


async def late_notice(life: Life) -> None:
    """The officer wants to tell on the sixth working day, when the law has accepted the application already."""
    await intake.hand_in(life, missing=1)
    await life.pause(6)
    await refused(life, "officer", Act.GIVE_NOTICE, "action_not_allowed", lines=defects(life.item))
    await decided_at_once(life)


async def forgotten(life: Life) -> None:
    """Nobody tells anything before the fifth working day is over; the decision is in time all the same."""
    await intake.hand_in(life)
    await life.pause(7)
    await decided_at_once(life)


async def told_again(life: Life) -> None:
    """A second notice with a new line, and no fact has changed."""
    await intake.hand_in(life, missing=1)
    await intake.tell(life, 1, 1)
    await life.pause(2)
    await intake.more_lines(life, "")
    await life.serve("D03")
    await life.pause(1)
    await life.supply(1)
    await life.go("officer", Act.ACCEPT)
    await decided_at_once(life)


async def told_again_for_a_reason(life: Life) -> None:
    """A second notice, because a fact has changed: told twice, and lawful."""
    await intake.notified_twice(life)
    await decided_at_once(life)


async def never_served(life: Life) -> None:
    """The notice is given and reaches nobody; the applicant hears of it at the counter and brings what lacks."""
    await intake.hand_in(life, missing=1)
    await life.give_notice()
    await intake.put_right(life, 1)
    await decided_at_once(life)


async def late_decision(life: Life) -> None:
    """Decided two days after the promised day and within the law; explained in public."""
    await reviewed_until(life, 7)
    await life.go("officer", Act.EXPLAIN_OVERDUE, explanation=WORD)
    await finished(life)


async def unlawfully_late(life: Life) -> None:
    """Decided after the statutory limit; only the broken promise is explained, the rest is not in time."""
    await reviewed_until(life, 12)
    await finished(life)


async def open_at_the_end(life: Life) -> None:
    """Accepted in December and left lying over the end of the year."""
    await intake.accepted(life)
    await to_review(life)


async def at_the_last_minute(life: Life) -> None:
    """Decided on the promised day, a minute before the hall closes: in time (民法典203)."""
    await decided_at(life, time(17, 29))


async def a_minute_late(life: Life) -> None:
    """Decided on the promised day, a minute after the hall has closed."""
    await decided_at(life, time(17, 31))


async def late_delivery(life: Life) -> None:
    """Ready at once and handed over on the thirteenth working day."""
    await granted(life)
    await life.pause(13)
    await life.go(life.issuer, Act.DELIVER, recipient=life.recipient())


async def long_in_custody(life: Life) -> None:
    """Over the National Day holidays: more than fifteen days on the shelf, and yet within ten working days."""
    await granted(life)
    await life.on(life.today + timedelta(days=18))
    await life.go(life.issuer, Act.DELIVER, recipient=life.recipient())


async def never_collected(life: Life) -> None:
    """Nobody comes for it until the year is over."""
    await granted(life)


async def late_handover(life: Life) -> None:
    """The department signs in on the third working day."""
    await intake.accepted(life)
    await life.go(life.clerk, Act.DISPATCH)
    await life.pause(3)
    await life.go("officer", Act.SIGN_IN)
    await finished(life)


async def late_reply(life: Life) -> None:
    """The window asks the authority, which answers on the third working day."""
    await intake.hand_in(life)
    await life.go(life.clerk, Act.ESCALATE, **PAYLOADS[Act.ESCALATE])
    await life.pause(3)
    await life.go("officer", Act.REFUSE_ACCEPTANCE, **PAYLOADS[Act.REFUSE_ACCEPTANCE])
    await life.serve("D06")
    await papers_back(life)


async def slow_review(life: Life) -> None:
    """Five working days in the hands of one officer, who has three; the promise is kept."""
    await intake.accepted(life)
    await life.go(life.clerk, Act.DISPATCH)
    await life.go("officer", Act.SIGN_IN)
    await life.pause(4)
    await finished(life)


async def appealed(life: Life) -> None:
    """The same; the officer appeals the card, and the supervisor lifts it."""
    await slow_review(life)
    (card,) = [row for row in await life.rows("cards") if row["rule"] == "stage_overdue"]
    await life.go("officer", Act.APPEAL_CARD, card=card["number"], reason="当日系统停机，非本单位原因。")
    await life.pause(1)
    await life.go("supervisor", Act.LIFT_CARD, card=card["number"], reason="停机属实。")


async def slow_pre_review(life: Life) -> None:
    """Sent in online and looked at on the fourth working day."""
    await life.open("guide", "online")
    await life.go("guide", Act.SUBMIT)
    await life.pause(4)
    await life.go("officer", Act.PASS_PRE_REVIEW)
    await life.pause(1)
    await life.receive(life.clerk)
    await life.go(life.clerk, Act.ACCEPT)
    await decided_at_once(life)


async def unanswered_order(life: Life) -> None:
    """督办, and no answer on the day that it names."""
    await intake.accepted(life)
    await to_review(life)
    await life.go("supervisor", Act.SUPERVISE, reason="请说明办理进度。", reply_days=1)
    await life.pause(2)
    await finished(life)


async def self_approval(life: Life) -> None:
    """The officer who handled it was made an approver, too, and wants to approve it; nothing comes of it."""
    await intake.accepted(life)
    await to_review(life)
    await submit(life)
    officer, approver = await actor("officer"), await actor("approver")
    both = replace(officer, grants=(*officer.grants, approver.grants[0]))
    command = await life.command("officer", Act.GRANT, dict(PAYLOADS[Act.GRANT]))
    await nothing_comes_of(life, lambda: act(life.context, replace(command, actor=both)), "same_person")
    await grant(life)
    await collected(life)


async def veto_of_the_window(life: Life) -> None:
    """The clerk wants to refuse on the spot, and to tell of a line without its basis; both come to nothing."""
    await intake.hand_in(life, missing=1)
    await refused(life, life.clerk, Act.REFUSE_ACCEPTANCE, "action_not_allowed", **PAYLOADS[Act.REFUSE_ACCEPTANCE])
    line = {**defects(life.item)[0], "basis": " "}
    await refused(life, life.clerk, Act.GIVE_NOTICE, "notice_line_incomplete", lines=[line])
    await intake.tell(life, 1, 1)
    await intake.put_right(life, 1)
    await decided_at_once(life)


async def owed_in_vain(life: Life) -> None:
    """容缺: what the applicant owes never comes, and the authority ends it."""
    await intake.hand_in_without(life, "M05")
    await life.go("officer", Act.ACCEPT_WITH_TOLERANCE, **intake.SIGNED)
    begun = life.today
    await to_review(life)
    end = days.after(begun, 20) + days.DAY
    while life.today < end:
        await submit(life, "deny")
        await life.pause(1)
        await life.go("approver", Act.SEND_BACK, **PAYLOADS[Act.SEND_BACK])
        await life.pause(1)
    await life.go("officer", Act.END_TOLERANCE, reason="逾期未补交。")
    await papers_back(life)


async def broken_promise(life: Life) -> None:
    """告知承诺: checked, found broken, revoked."""
    await intake.promised(life)
    await on_promise(life)
    await made(life, 1)
    await life.go(life.issuer, Act.DELIVER, recipient=life.recipient())
    await life.pause(20)
    await life.go("officer", Act.CHECK_PROMISE, outcome="broken", findings="现场无卫生设施。")
    await life.go("approver", Act.REVOKE, reason="核查发现承诺不实。", article="行政许可法69")


async def revoked_on_the_shelf(life: Life) -> None:
    """告知承诺: found broken while the licence still waits; nothing is to be delivered any more."""
    await intake.promised(life)
    await on_promise(life)
    await made(life, 0)
    await life.pause(3)
    await life.go("officer", Act.CHECK_PROMISE, outcome="broken", findings="现场无卫生设施。")
    await life.go("approver", Act.REVOKE, reason="核查发现承诺不实。", article="行政许可法69")


async def unchecked_promise(life: Life) -> None:
    """告知承诺: nobody checks within the forty days."""
    await intake.promised(life)
    await on_promise(life)
    await collected(life)


async def slow_word(life: Life) -> None:
    """A bad rating is answered late, and put right late."""
    await intake.accepted(life)
    await decided_at_once(life)
    await life.invite()
    await life.rate(5)
    await rectify_late(life)


async def no_word(life: Life) -> None:
    """A bad rating is never answered."""
    await intake.accepted(life)
    await decided_at_once(life)
    await life.rate(4)
