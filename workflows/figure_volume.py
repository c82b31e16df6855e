"""How much there is to do, and by which way it comes (D§5)."""

from __future__ import annotations

from typing import Final

from workflows.figure import Figure, Measure, Words
from workflows.figure_basis import ACCEPTED, CLOSED, OPEN, RECEIVED

_CASES: Final = Words("件", "cases")

VOLUME: Final = (
    Figure(
        name="received",
        title=Words("收件量", "Received"),
        kind="count",
        measures=(Measure(basis=RECEIVED),),
        numerator=Words("统计期内收件的办件数。", "Cases received in the period."),
        unit=_CASES,
        source="行政许可法32",
    ),
    Figure(
        name="accepted",
        title=Words("受理量", "Accepted"),
        kind="count",
        measures=(Measure(basis=ACCEPTED),),
        numerator=Words(
            "统计期内受理的办件数，含视为受理。", "Cases accepted in the period, deemed acceptance included."
        ),
        unit=_CASES,
        source="行政许可法32",
    ),
    Figure(
        name="closed",
        title=Words("办结量", "Closed"),
        kind="count",
        measures=(Measure(basis=CLOSED),),
        numerator=Words("统计期内办结的办件数。", "Cases closed in the period."),
        unit=_CASES,
        source="行政许可法42",
    ),
    Figure(
        name="in_progress",
        title=Words("在办量", "In progress"),
        kind="count",
        measures=(Measure(basis=OPEN),),
        numerator=Words("已受理、未办结的办件数。", "Cases accepted and not closed."),
        unit=_CASES,
        source="行政许可法42",
    ),
    Figure(
        name="agent_assisted",
        title=Words("帮办代办件数", "Assisted by an agent"),
        kind="count",
        measures=(Measure(basis=RECEIVED, of="f.proxied"),),
        numerator=Words(
            "统计期内收件、由帮办代办员代为办理的办件数。", "Cases received in the period that an agent acts in."
        ),
        unit=_CASES,
        source="国发〔2022〕5号",
    ),
    Figure(
        name="online_share",
        title=Words("网办率", "Share filed online"),
        kind="share",
        measures=(Measure(basis=RECEIVED, met="f.channel IN ('online', 'mobile')"),),
        numerator=Words("其中通过网上或移动端申请的办件数。", "Of these, cases filed online or by mobile."),
        denominator=Words("统计期内收件的办件数。", "Cases received in the period."),
        source="国务院令716号",
    ),
)
