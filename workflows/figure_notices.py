"""The one-time notice (一次性告知): A1 to A7 of D§5."""

from __future__ import annotations

from typing import Final

from workflows.figure import Figure, Measure, Words
from workflows.figure_basis import CLOSED, DEEMED, GIVEN

_ALL: Final = Words("统计期内发出的告知数。", "Notices given in the period.")
_FIRST: Final = Words(
    "补充告知没有自己的期限，不计。", "Lines added later have no limit of their own and do not count."
)

NOTICES: Final = (
    Figure(
        name="notice_once_rate",
        title=Words("一次性告知率（A1）", "Told once (A1)"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of="f.received_at IS NOT NULL", met="f.notices <= 1"),),
        numerator=Words("其中告知不超过一次的办件数。", "Of these, cases with one notice at most."),
        denominator=Words("统计期内办结、已收件的办件数。", "Cases closed in the period that had been received."),
        source="行政许可法32(1)(4)",
    ),
    Figure(
        name="offending_lines",
        title=Words("违规新增告知事项（A2）", "Lines told too late (A2)"),
        kind="count",
        measures=(Measure(basis=GIVEN, of="cardinality(f.offending) > 0", met_amount="cardinality(f.offending)"),),
        numerator=Words(
            "第二次及以后的告知中，首次告知没有、又非因事实变化而新增的事项数；应为零。",
            "Lines of later notices that the first did not tell and no changed fact explains; must be none.",
        ),
        unit=Words("项", "lines"),
        source="行政许可法32(1)(4), 72(4)",
    ),
    Figure(
        name="changed_fact_notices",
        title=Words("因事实变化的补充告知", "Notices on a changed fact"),
        kind="count",
        measures=(Measure(basis=GIVEN, of="f.changed_fact <> ''"),),
        numerator=Words(
            "首次告知后以事实变化为由补充的告知数，供审计核对。",
            "Later notices for which a changed fact was claimed, for an auditor to look into.",
        ),
        unit=Words("次", "notices"),
        source="行政许可法32(1)(4), 72(4)",
    ),
    Figure(
        name="notice_on_time_rate",
        title=Words("按期告知率（A3）", "Told in time (A3)"),
        kind="rate",
        measures=(Measure(basis=GIVEN, of="f.in_time IS NOT NULL", met="f.in_time"),),
        numerator=Words(
            "其中在告知期限（收件后五个工作日）内发出的告知数。", "Of these, given within five working days of receipt."
        ),
        denominator=_ALL,
        excluded=_FIRST,
        source="行政许可法32(1)(4)",
    ),
    Figure(
        name="notice_same_day_rate",
        title=Words("当场告知率（A4）", "Told on the spot (A4)"),
        kind="rate",
        measures=(
            Measure(basis=GIVEN, of="f.kind <> 'added' AND f.working_days IS NOT NULL", met="f.working_days = 0"),
        ),
        numerator=Words("其中收件当日发出的告知数。", "Of these, given on the day of receipt."),
        denominator=_ALL,
        excluded=_FIRST,
        source="行政许可法32(1)(4)",
    ),
    Figure(
        name="deemed_acceptances",
        title=Words("视为受理（A5）", "Deemed acceptances (A5)"),
        kind="count",
        measures=(Measure(basis=DEEMED),),
        numerator=Words(
            "逾期未告知、自收件之日起视为受理的办件数。", "Cases accepted by law because nobody told anything in time."
        ),
        unit=Words("件", "cases"),
        source="行政许可法32(1)(4)",
    ),
    Figure(
        name="notice_lines_complete",
        title=Words("告知事项完整率（A6）", "Complete lines (A6)"),
        kind="rate",
        measures=(Measure(basis=GIVEN, of_amount="f.told", met_amount="f.complete"),),
        numerator=Words(
            "其中写明材料、问题、要求和依据的事项数。",
            "Of these, lines that say the material, defect, requirement and basis.",
        ),
        denominator=Words("统计期内发出的告知中的事项数。", "Lines of the notices given in the period."),
        unit=Words("", ""),
        source="行政许可法32(1)(4)",
    ),
    Figure(
        name="notice_served_rate",
        title=Words("告知送达率（A7）", "Notices served (A7)"),
        kind="rate",
        measures=(Measure(basis=GIVEN, met="f.served_at IS NOT NULL"),),
        numerator=Words("其中已送达或已签收的告知数。", "Of these, served or signed for."),
        denominator=_ALL,
        source="行政许可法32(2)",
    ),
    Figure(
        name="on_spot_correction_rate",
        title=Words("当场更正率", "Corrected on the spot"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of="f.corrected_on_spot > 0 OR f.notices > 0", met="f.corrected_on_spot > 0"),),
        numerator=Words("其中当场更正过的办件数。", "Of these, cases in which something was corrected on the spot."),
        denominator=Words(
            "统计期内办结、需要更正或补正的办件数。", "Cases closed in the period that had to be corrected."
        ),
        source="行政许可法32(1)(3)",
    ),
)
