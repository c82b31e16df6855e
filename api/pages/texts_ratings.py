"""Words of the page of bad ratings: what is owed, the review of mistaken ones, asking the rater afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RATINGS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "nav.ratings": ("差评处理", "Bad ratings"),
        "ratings.title": ("差评处理", "Bad ratings"),
        "ratings.lead": (
            "四、五级评价须在1个工作日内联系、按期整改、整改后回访；确属误评的可提请复核，由他人认定。评价本身不会删除。",
            "Levels 4 and 5: contact within one working day, put right in time, ask the rater afterwards. One that is"
            " mistaken may be reviewed and is settled by somebody else. No rating is ever deleted.",
        ),
        "ratings.open": ("待处理", "To be done"),
        "ratings.all": ("全部差评", "Every bad rating"),
        "ratings.rating": ("评价", "Rating"),
        "ratings.owed": ("该办什么、何时前", "What is due, and by when"),
        "ratings.do": ("办理", "Do"),
        "ratings.late": ("已超期", "overdue"),
        "ratings.under_review": (
            "误评复核中：{name} 于 {at} 提请",
            "Under review: said to be mistaken by {name}, {at}",
        ),
        "ratings.upheld": ("已复核，评价有效", "Reviewed: the rating stands"),
        "ratings.tried": ("已回访 {times} 次", "Rater called {times} time(s)"),
        "ratings.nothing_for_you": ("由其他岗位办理。", "For somebody in another role."),
        "ratings.none_open": ("没有待处理的差评。", "No bad rating waits for anything."),
        "ratings.none": ("还没有差评。", "There is no bad rating."),
        "ratings.review": ("误评复核", "Review"),
        "ratings.follow_up": ("回访", "Follow-up"),
        "rating_review.proposed": ("复核中", "under review"),
        "rating_review.set_aside": ("认定为误评，不予采纳", "set aside as mistaken"),
        "rating_review.stands": ("评价有效", "stands"),
        "rating_step.contact_rater": ("去联系评价人（在办件页登记）", "Contact the rater (on the case)"),
        "rating_step.rectify": ("去登记整改完成（在办件页登记）", "Say that it is put right (on the case)"),
        "rating_step.follow_up": ("登记回访", "Record a call to the rater"),
        "rating_step.settle": ("复核认定", "Settle the review"),
        "rating_step.propose": ("提请误评复核", "Say that it is mistaken"),
        "ratings.reached": ("联系上了", "Reached"),
        "ratings.not_reached": ("没有联系上", "Not reached"),
        "ratings.satisfied_if": ("联系上的，对整改是否满意", "If reached: is it put right for them"),
        "ratings.satisfied": ("满意", "Yes"),
        "ratings.not_satisfied": ("不满意", "No"),
        "ratings.finding": ("认定结果", "Finding"),
        "ratings.mistaken": ("属于误评，不予采纳", "Mistaken: it counts for nothing"),
        "ratings.stands": ("评价有效", "The rating stands"),
        "ratings.settle_hint": (
            "认定为误评的，不再联系、整改和回访；认定后不能再次复核。",
            "If it was mistaken, nothing is owed for it any more. There is no second review.",
        ),
        "ratings.propose_hint": (
            "提请后由监督人员认定，本人不得自行认定；复核期间联系和整改的期限照常计算。",
            "A supervisor settles it, never whoever proposed it. Contact and putting right stay due meanwhile.",
        ),
        "ratings.not_done": ("没有办成", "Not done"),
        "rating_done.proposed": ("{case} 的评价已提请复核。", "The rating of {case} is under review now."),
        "rating_done.set_aside": ("{case} 的评价已认定为误评。", "The rating of {case} was set aside as mistaken."),
        "rating_done.stands": ("{case} 的评价有效。", "The rating of {case} stands."),
        "rating_done.reached": ("{case} 的回访已登记。", "The call about {case} was recorded."),
        "rating_done.not_reached": (
            "{case} 的回访已登记：没有联系上，仍须再次联系。",
            "The call about {case} was recorded: nobody answered; it is still owed.",
        ),
    }
)
"""(Chinese, English) by message id."""
