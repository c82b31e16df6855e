"""Figures beside the cases: items, tickets of what could not be done, and what no data is kept of (D§5)."""

from __future__ import annotations

from typing import Final

from workflows.figure import Figure, Measure, Words
from workflows.figure_basis import IN_FORCE, REGISTERED

_BOTH: Final = (
    "f.data->'statutory_limit'->>'unit' = 'working_days' AND f.data->'promise_limit'->>'unit' = 'working_days'"
    " AND (f.data->'statutory_limit'->>'n')::int > 0"
)
_STATUTORY: Final = "(f.data->'statutory_limit'->>'n')::int"
_PROMISE: Final = "(f.data->'promise_limit'->>'n')::int"
_TICKETS: Final = Words("统计期内登记的办不成事反映数。", "Tickets registered in the period.")

BESIDE: Final = (
    Figure(
        name="promise_compression",
        title=Words("承诺时限压缩比", "Promised limits against the law"),
        kind="share",
        measures=(Measure(basis=IN_FORCE, of=_BOTH, of_amount=_STATUTORY, met_amount=f"{_STATUTORY} - {_PROMISE}"),),
        numerator=Words("法定时限与承诺时限之差的合计。", "The sum of statutory limits less promised limits."),
        denominator=Words("事项法定时限合计（工作日）。", "The sum of the statutory limits of items, in working days."),
        excluded=Words(
            "没有法定时限，或者两个时限不都以工作日计的事项不计。",
            "Items without a statutory limit, or with one of the two not in working days, do not count.",
        ),
        source="优化营商环境条例36",
    ),
    Figure(
        name="instant_item_share",
        title=Words("即办事项占比", "Share of instant items"),
        kind="share",
        measures=(Measure(basis=IN_FORCE, met="f.data->>'case_kind' = 'instant'"),),
        numerator=Words("其中即办事项数。", "Of these, instant items."),
        denominator=Words("有效事项数。", "Items in force."),
        source="国发〔2022〕5号",
    ),
    Figure(
        name="impasse_solved_rate",
        title=Words("办不成事办结率", "Tickets solved"),
        kind="rate",
        measures=(Measure(basis=REGISTERED, met="f.solved_at <= k.moment"),),
        numerator=Words("其中已解决的反映数。", "Of these, solved."),
        denominator=_TICKETS,
        source="国发〔2022〕5号",
    ),
    Figure(
        name="impasse_on_time_rate",
        title=Words("办不成事按期办结率", "Tickets solved in time"),
        kind="rate",
        measures=(Measure(basis=REGISTERED, met="f.solved_at <= k.moment AND f.solved_at <= f.due_at"),),
        numerator=Words(
            "其中按期解决的反映数；尚未到期的计为未解决。", "Of these, solved in time; what is not due yet is not."
        ),
        denominator=_TICKETS,
        source="国发〔2022〕5号",
    ),
    Figure(
        name="average_wait",
        title=Words("平均等候时间", "Mean waiting time"),
        kind="mean",
        measures=(),
        numerator=Words("从取号到叫号的分钟合计。", "Minutes from taking a number to being called."),
        denominator=Words("统计期内的排队号数。", "Numbers of the queue in the period."),
        excluded=Words(
            "本系统不保存排队叫号记录，本指标没有数据。", "This system keeps no records of the queue: there is no data."
        ),
        unit=Words("分钟", "minutes"),
        source="大厅排队叫号记录",
    ),
)
