"""Special ways that cases take, and who held them how long (D§5)."""

from __future__ import annotations

from typing import Final

from workflows.figure import Figure, Measure, Words
from workflows.figure_basis import CLOSED

_ACCEPTED: Final = Words("统计期内办结、已受理的办件数。", "Cases closed in the period that had been accepted.")
_RECEIVED: Final = Words("统计期内办结、已收件的办件数。", "Cases closed in the period that had been received.")
_IS_ACCEPTED: Final = "f.accepted_at IS NOT NULL"
_IS_RECEIVED: Final = "f.received_at IS NOT NULL"

PROCEDURES: Final = (
    Figure(
        name="tolerance_kept_rate",
        title=Words("容缺履约率", "Deferred materials supplied in time"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of="f.tolerated", met="f.tolerance_met AND f.tolerance_in_time"),),
        numerator=Words("其中按期补齐所缺材料的办件数。", "Of these, cases whose missing materials came in time."),
        denominator=Words(
            "统计期内办结、容缺受理的办件数。", "Cases closed in the period that were accepted with tolerance."
        ),
        source="容缺受理承诺（D07）",
    ),
    Figure(
        name="promise_check_rate",
        title=Words("承诺核查率", "Promises checked"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of="f.promised", met="f.promise_checked_at IS NOT NULL"),),
        numerator=Words("其中已作事后核查的办件数。", "Of these, cases whose promise was checked afterwards."),
        denominator=Words(
            "统计期内办结、以告知承诺方式准予的办件数。", "Cases closed in the period on the applicant's promise."
        ),
        source="国办发〔2020〕42号",
    ),
    Figure(
        name="special_share",
        title=Words("特别程序占比", "Cases with a special procedure"),
        kind="share",
        measures=(Measure(basis=CLOSED, of=_IS_ACCEPTED, met="f.specials > 0"),),
        numerator=Words("其中启动过特别程序的办件数。", "Of these, cases with a special procedure."),
        denominator=_ACCEPTED,
        source="行政许可法45",
    ),
    Figure(
        name="special_days",
        title=Words("特别程序平均用时", "Mean length of a special procedure"),
        kind="mean",
        measures=(
            Measure(
                basis=CLOSED,
                of="f.specials > 0 AND f.statutory_unit = 'working_days' AND f.statutory_excluded IS NOT NULL",
                of_amount="f.specials",
                met_amount="f.statutory_excluded",
            ),
        ),
        numerator=Words("法定时限中扣除的时间合计。", "The sum of the time left out of the statutory limits."),
        denominator=Words("统计期内办结办件的特别程序次数。", "Special procedures of the cases closed in the period."),
        excluded=Words(
            "法定时限不以工作日计的不计。", "Limits that the law does not set in working days do not count."
        ),
        unit=Words("个工作日", "working days"),
        source="行政许可法45",
    ),
    Figure(
        name="extension_rate",
        title=Words("延期率", "Cases extended"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of=_IS_ACCEPTED, met="f.extensions > 0"),),
        numerator=Words("其中延长过期限的办件数。", "Of these, cases whose limit was extended."),
        denominator=_ACCEPTED,
        source="行政许可法42",
    ),
    Figure(
        name="withdrawal_rate",
        title=Words("撤回率", "Cases withdrawn"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of=_IS_RECEIVED, met="f.outcome = 'withdrawn'"),),
        numerator=Words(
            "其中申请撤回或视为撤回的办件数。", "Of these, withdrawn by the applicant or held to be withdrawn."
        ),
        denominator=_RECEIVED,
        source="D19",
    ),
    Figure(
        name="return_rate",
        title=Words("退件率", "Cases returned"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of=_IS_RECEIVED, met="f.outcome IN ('not_accepted', 'lapsed')"),),
        numerator=Words(
            "其中不予受理或逾期未补正的办件数。", "Of these, not accepted, or lapsed because nothing was corrected."
        ),
        denominator=_RECEIVED,
        source="行政许可法32",
    ),
)


def _held(holder: str, zh: str, en: str) -> Figure:
    column = f"f.held_by_{holder}"
    return Figure(
        name=f"held_by_{holder}",
        title=Words(f"{zh}平均持有时间", f"Held by {en}"),
        kind="mean",
        measures=(Measure(basis=CLOSED, of=f"{column} IS NOT NULL", met_amount=column),),
        numerator=Words(
            f"自收件至办结由{zh}持有的工作日合计。",
            f"Working days from receipt to closing in which {en} held the case.",
        ),
        denominator=Words("统计期内办结的办件数。", "Cases closed in the period."),
        excluded=Words(
            "留痕未记持有人的旧办件不计。", "Older cases whose trail does not say who held them do not count."
        ),
        unit=Words("个工作日", "working days"),
        source="行政许可法42, 45",
    )


SPLIT: Final = (
    _held("window", "窗口", "the window"),
    _held("department", "部门", "the department"),
    _held("applicant", "申请人", "the applicant"),
    _held("third_party", "第三方", "a third party"),
)
"""The time of a case by who held it; the four add up to the working days between receipt and closing."""
