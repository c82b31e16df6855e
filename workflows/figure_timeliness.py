"""Whether limits were kept, and how much of them was used (D§5)."""

from __future__ import annotations

from typing import Final

from workflows.figure import Figure, Measure, Words
from workflows.figure_basis import CLOSED, OPEN, RAISED

_PROMISED: Final = Words(
    "统计期内办结、承诺时限已起算的办件数。", "Cases closed in the period whose promised limit had begun."
)
_NOT_BEGUN: Final = Words(
    "未受理即结束的办件没有承诺时限，不计。",
    "Cases that ended before acceptance had no promised limit and do not count.",
)
_WORKING: Final = Words(
    "法定时限不以工作日计的不计。", "Limits that the law does not set in working days do not count."
)
_STATUTORY: Final = "f.statutory_unit = 'working_days' AND f.statutory_limit > 0 AND f.statutory_elapsed IS NOT NULL"
_CARDS: Final = Words("张", "cards")

TIMELINESS: Final = (
    Figure(
        name="on_time_rate",
        title=Words("按时办结率", "Closed within the promised limit"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of="f.promise_in_time IS NOT NULL", met="f.promise_in_time"),),
        numerator=Words(
            "其中在承诺时限（含依法延长、扣除依法不计的时间）内办结的办件数。",
            "Of these, closed within the promised limit, lawful extensions and time left out considered.",
        ),
        denominator=_PROMISED,
        excluded=_NOT_BEGUN,
        source="优化营商环境条例36; 国务院令716号",
    ),
    Figure(
        name="statutory_on_time_rate",
        title=Words("法定按时办结率", "Closed within the statutory limit"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of="f.statutory_in_time IS NOT NULL", met="f.statutory_in_time"),),
        numerator=Words("其中在法定时限内办结的办件数。", "Of these, closed within the statutory limit."),
        denominator=Words(
            "统计期内办结、法定时限已起算的办件数。", "Cases closed in the period whose statutory limit had begun."
        ),
        excluded=Words("没有法定时限的办件不计。", "Cases without a statutory limit do not count."),
        source="行政许可法42",
    ),
    Figure(
        name="early_rate",
        title=Words("提前办结率", "Closed before the promised limit"),
        kind="rate",
        measures=(
            Measure(
                basis=CLOSED,
                of="(f.kind = 'promise' OR f.converted) AND f.promise_in_time IS NOT NULL",
                met="f.promise_elapsed < f.promise_limit",
            ),
        ),
        numerator=Words("其中实际用时少于承诺时限的办件数。", "Of these, closed in less time than was promised."),
        denominator=Words(
            "统计期内办结的承诺件数，含即办件转承诺件的。",
            "Cases of the kind with a promised limit, closed in the period; instant cases that became one included.",
        ),
        excluded=Words(
            "即办件不计。未受理即结束的办件不计。", "Instant cases and cases that ended before acceptance do not count."
        ),
        source="优化营商环境条例36",
    ),
    Figure(
        name="overdue_rate",
        title=Words("逾期率", "Overdue"),
        kind="rate",
        measures=(
            Measure(basis=CLOSED, of="f.promise_in_time IS NOT NULL", met="NOT f.promise_in_time"),
            Measure(basis=OPEN, of="f.promise_due_at < p.moment"),
        ),
        numerator=Words(
            "统计期内超过承诺时限办结的办件数，加期末超过承诺时限仍在办的办件数。",
            "Cases closed in the period after the promised limit, and cases in progress past it at the end.",
        ),
        denominator=Words(
            "统计期内办结、承诺时限已起算的办件数，加期末超过承诺时限仍在办的办件数。",
            "Cases closed in the period whose promised limit had begun, and cases in progress past it at the end.",
        ),
        excluded=_NOT_BEGUN,
        source="行政许可法42; 优化营商环境条例36",
    ),
    Figure(
        name="overdue_open",
        title=Words("逾期在办量", "In progress past the limit"),
        kind="count",
        measures=(Measure(basis=OPEN, of="f.promise_due_at < p.moment"),),
        numerator=Words("超过承诺时限仍在办的办件数。", "Cases in progress past their promised limit."),
        excluded=Words("时限中止的办件不计。", "Cases whose limit stands still do not count."),
        unit=Words("件", "cases"),
        source="行政许可法42",
    ),
    Figure(
        name="actual_compression",
        title=Words("实际压缩比", "Time saved against the law"),
        kind="share",
        measures=(
            Measure(
                basis=CLOSED,
                of=_STATUTORY,
                of_amount="f.statutory_limit",
                met_amount="f.statutory_limit - f.statutory_elapsed",
            ),
        ),
        numerator=Words("法定时限与实际用时之差的合计。", "The sum of what was left of the statutory limits."),
        denominator=Words(
            "统计期内办结办件的法定时限合计（工作日）。", "The sum of the statutory limits, in working days."
        ),
        excluded=_WORKING,
        source="优化营商环境条例36",
    ),
    Figure(
        name="handling_days",
        title=Words("平均办理用时", "Mean handling time"),
        kind="mean",
        measures=(
            Measure(
                basis=CLOSED,
                of="f.promise_unit = 'working_days' AND f.promise_elapsed IS NOT NULL",
                met_amount="f.promise_elapsed",
            ),
        ),
        numerator=Words("承诺时限实际用时合计。", "The sum of the time used of the promised limits."),
        denominator=Words(
            "统计期内办结、承诺时限以工作日计的办件数。",
            "Cases closed in the period with a promised limit in working days.",
        ),
        excluded=_NOT_BEGUN,
        unit=Words("个工作日", "working days"),
        source="优化营商环境条例36",
    ),
    Figure(
        name="same_day_rate",
        title=Words("即办率", "Instant cases closed on the day"),
        kind="rate",
        measures=(Measure(basis=CLOSED, met="f.kind = 'instant' AND f.closed_on = f.received_on"),),
        numerator=Words("其中收件当日办结的即办件数。", "Of these, instant cases closed on the day of receipt."),
        denominator=Words("统计期内办结的办件数。", "Cases closed in the period."),
        source="国发〔2022〕5号",
    ),
    Figure(
        name="instant_same_day_rate",
        title=Words("即办件当日办结率", "Closed on the day, of instant cases"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of="f.kind = 'instant'", met="f.closed_on = f.received_on"),),
        numerator=Words("其中收件当日办结的办件数。", "Of these, closed on the day of receipt."),
        denominator=Words(
            "统计期内办结的即办件数，含转为承诺件的。",
            "Instant cases closed in the period, those included that became cases with a promised limit.",
        ),
        source="国发〔2022〕5号",
    ),
    Figure(
        name="yellow_cards",
        title=Words("黄牌数", "Yellow cards"),
        kind="count",
        measures=(Measure(basis=RAISED, of="f.level = 'yellow'"),),
        numerator=Words(
            "统计期内的黄牌数，含已撤销的。", "Yellow cards of the period, those that were lifted included."
        ),
        unit=_CARDS,
        source="优化营商环境条例36",
    ),
    Figure(
        name="red_cards",
        title=Words("红牌数", "Red cards"),
        kind="count",
        measures=(Measure(basis=RAISED, of="f.level = 'red'"),),
        numerator=Words("统计期内的红牌数，含已撤销的。", "Red cards of the period, those that were lifted included."),
        unit=_CARDS,
        source="优化营商环境条例36",
    ),
    Figure(
        name="red_cards_lifted",
        title=Words("红牌撤销率", "Red cards lifted"),
        kind="rate",
        measures=(Measure(basis=RAISED, of="f.level = 'red'", met="f.state = 'lifted' AND f.settled_at <= c.last_at"),),
        numerator=Words("其中经申诉撤销的红牌数。", "Of these, lifted after an appeal."),
        denominator=Words("统计期内的红牌数。", "Red cards of the period."),
        source="优化营商环境条例36",
    ),
)
