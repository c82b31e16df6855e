"""What applicants meet with: visits, ratings, delivery (D§5)."""

from __future__ import annotations

from typing import Final

from workflows.figure import Figure, Measure, Words
from workflows.figure_basis import CLOSED, DELIVERED, UNDELIVERED

_CLOSED: Final = Words("统计期内办结的办件数。", "Cases closed in the period.")
_RATED: Final = Words("统计期内办结、已评价的办件数。", "Cases closed in the period that were rated.")
_BAD: Final = Words(
    "统计期内办结、评价为不满意或非常不满意的办件数。", "Cases closed in the period with a rating of 4 or 5."
)
_SET_ASIDE: Final = Words("认定为误评的不计。", "Ratings that were found mistaken do not count.")
_COUNTS: Final = "f.rating IS NOT NULL AND NOT f.rating_set_aside"
_IS_BAD: Final = "f.rating >= 4 AND NOT f.rating_set_aside"
_RATING_RULE: Final = "国办发〔2019〕51号；GB/T 39735-2020"
_CASES: Final = Words("件", "cases")

VISITS: Final = (
    Figure(
        name="one_visit_rate",
        title=Words("一次办结率", "Done with one visit"),
        kind="rate",
        measures=(Measure(basis=CLOSED, met="f.visits <= 1"),),
        numerator=Words(
            "其中申请人到场不超过一次的办件数。", "Of these, cases for which the applicant came once at most."
        ),
        denominator=_CLOSED,
        source="国发〔2022〕5号",
    ),
    Figure(
        name="visits_per_case",
        title=Words("平均跑动次数", "Visits per case"),
        kind="mean",
        measures=(Measure(basis=CLOSED, met_amount="f.visits"),),
        numerator=Words(
            "申请人到场次数合计，同一日只计一次。", "Visits of applicants; several on one day count as one."
        ),
        denominator=_CLOSED,
        unit=Words("次", "visits"),
        source="国发〔2022〕5号",
    ),
    Figure(
        name="no_visit_rate",
        title=Words("零跑动率", "Done without a visit"),
        kind="rate",
        measures=(Measure(basis=CLOSED, met="f.visits = 0"),),
        numerator=Words("其中申请人未到场的办件数。", "Of these, cases for which the applicant never came."),
        denominator=_CLOSED,
        source="国发〔2022〕5号",
    ),
)

RATINGS: Final = (
    Figure(
        name="good_rate",
        title=Words("好评率", "Good ratings"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of=_COUNTS, met="f.rating <= 3"),),
        numerator=Words("其中评价为非常满意、满意或基本满意的办件数。", "Of these, rated 1 to 3."),
        denominator=_RATED,
        excluded=_SET_ASIDE,
        source=_RATING_RULE,
    ),
    Figure(
        name="bad_rate",
        title=Words("差评率", "Bad ratings"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of=_COUNTS, met="f.rating >= 4"),),
        numerator=Words("其中评价为不满意或非常不满意的办件数。", "Of these, rated 4 or 5."),
        denominator=_RATED,
        excluded=_SET_ASIDE,
        source=_RATING_RULE,
    ),
    Figure(
        name="rated_rate",
        title=Words("主动评价率", "Rated by the applicant"),
        kind="rate",
        measures=(Measure(basis=CLOSED, met="f.rating IS NOT NULL"),),
        numerator=Words("其中申请人主动评价的办件数。", "Of these, rated by the applicant."),
        denominator=_CLOSED,
        source=_RATING_RULE,
    ),
    Figure(
        name="unrated_rate",
        title=Words("未评率", "Not rated"),
        kind="rate",
        measures=(Measure(basis=CLOSED, met="f.rating IS NULL"),),
        numerator=Words("其中没有评价的办件数，不视为好评。", "Of these, not rated; silence counts for neither side."),
        denominator=_CLOSED,
        source=_RATING_RULE,
    ),
    Figure(
        name="rectified_rate",
        title=Words("差评整改率", "Bad ratings put right in time"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of=_IS_BAD, met="f.rectified_in_time"),),
        numerator=Words(
            "其中按期整改的办件数；尚未到期的计为未整改。", "Of these, put right in time; what is not due yet is not."
        ),
        denominator=_BAD,
        excluded=_SET_ASIDE,
        source=_RATING_RULE,
    ),
    Figure(
        name="follow_up_rate",
        title=Words("实名差评回访率", "Bad ratings followed up"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of=_IS_BAD, met="f.followed_up"),),
        numerator=Words("其中回访到评价人的办件数。", "Of these, cases whose rater was reached afterwards."),
        denominator=_BAD,
        excluded=_SET_ASIDE,
        source=_RATING_RULE,
    ),
    Figure(
        name="contact_on_time_rate",
        title=Words("差评联系及时率", "Raters contacted in time"),
        kind="rate",
        measures=(Measure(basis=CLOSED, of=_IS_BAD, met="f.contact_in_time"),),
        numerator=Words(
            "其中在一个工作日内联系评价人的办件数。", "Of these, cases whose rater was contacted within a working day."
        ),
        denominator=_BAD,
        excluded=_SET_ASIDE,
        source=_RATING_RULE,
    ),
)

DELIVERY: Final = (
    Figure(
        name="delivery_on_time_rate",
        title=Words("按时出件率", "Delivered in time"),
        kind="rate",
        measures=(Measure(basis=DELIVERED, of="f.delivery_in_time IS NOT NULL", met="f.delivery_in_time"),),
        numerator=Words(
            "其中在决定后十个工作日内送达的办件数。", "Of these, delivered within ten working days of the decision."
        ),
        denominator=Words(
            "统计期内送达、送达期限已起算的办件数。", "Cases delivered in the period within a limit for it."
        ),
        source="行政许可法44",
    ),
    Figure(
        name="undelivered_overdue",
        title=Words("超时未出件量", "Not delivered in time"),
        kind="count",
        measures=(Measure(basis=UNDELIVERED, of="f.delivery_due_at < p.moment"),),
        numerator=Words(
            "已准予、超过送达期限仍未送达的办件数。", "Cases granted and not delivered, past the limit for it."
        ),
        unit=_CASES,
        source="行政许可法44",
    ),
    Figure(
        name="uncollected",
        title=Words("待领取超期量", "Ready and not collected"),
        kind="count",
        measures=(Measure(basis=UNDELIVERED, of="f.ready_at < p.moment - interval '15 days'"),),
        numerator=Words(
            "证件制成满15日仍未领取的办件数。", "Cases whose result has been ready for 15 days and was not collected."
        ),
        unit=_CASES,
        source="行政许可法44（15日为默认）",
    ),
    Figure(
        name="service_proof_rate",
        title=Words("送达回证率", "Deliveries with a proof of service"),
        kind="rate",
        measures=(Measure(basis=DELIVERED, met="f.service_proven"),),
        numerator=Words("其中有送达回证（D18）的办件数。", "Of these, cases with a proof of service (D18)."),
        denominator=Words("统计期内送达的办件数。", "Cases delivered in the period."),
        source="行政许可法44",
    ),
)
