"""差评整改: what a rating leaves, and how a bad one is put right. Who handled it answers for it."""

from __future__ import annotations

from typing import Final

from engine.owing import owe, settle
from engine.work import Work
from storage import duties, ratings
from workflows.issue_guards import BAD_LEVEL
from workflows.situation import RatingFacts

RECTIFY: Final = "rating.rectify"
"""What is to be done after a bad rating: a rectification is opened."""
CONTACT_DAYS: Final = 1
"""Working days within which a bad rating is answered (default)."""
RECTIFY_DAYS: Final = 5
"""Working days within which it is put right (default)."""
COMPLEX_DAYS: Final = 15
"""Working days where the matter is complex (default)."""
FOLLOW_UP_DAYS: Final = 5
"""Working days within which the rater is asked afterwards (default)."""


def rate(work: Work) -> None:
    """评价: the one rating of a case; levels 4 and 5 ask for a rectification (GB/T 39046 A.8)."""
    case, level = work.case, work.payload["level"]
    work.then(ratings.add, case["id"], case["head_seq"] + 1, level, work.payload.get("comment", ""), work.now)
    if level >= BAD_LEVEL:
        work.outbox.append({"topic": RECTIFY, "data": {"case": case["number"]}})


def open_rectification(work: Work) -> None:
    """差评整改单 (D25): contact and rectification are owed, both counted from the rating and not from the order."""
    rating = _rating(work)
    contact_by = owe(work, "rater_contact", CONTACT_DAYS, since=rating.rated_at)
    rectify_by = owe(work, "rectification", RECTIFY_DAYS, since=rating.rated_at)
    work.data |= {"contact_by": contact_by.isoformat(), "rectify_by": rectify_by.isoformat()}
    work.papers_data["D25"] = {"level": rating.level, "comment": rating.comment, **work.data}


def _rating(work: Work) -> RatingFacts:
    """The rating, which the guards of these steps have seen."""
    if work.situation.rating is None:
        raise LookupError(work.case["number"])
    return work.situation.rating


def contact_rater(work: Work) -> None:
    """联系评价人: what was said; a complex matter has longer to be put right."""
    settle(work, "rater_contact", work.payload["note"])
    if work.payload["complex"]:
        day = work.hours.day(_rating(work).rated_at)
        due_on = work.situation.calendar.add_working_days(day, COMPLEX_DAYS).on
        work.data["rectify_by"] = due_on.isoformat()
        until = due_on, work.hours.closing(due_on), COMPLEX_DAYS
        work.then(duties.postpone, work.case["id"], "rectification", *until)


def rectify(work: Work) -> None:
    """整改完成: what was put right; the rater is asked afterwards whether it is (回访)."""
    settle(work, "rectification", work.payload["result"])
    due_on = owe(work, "rater_follow_up", FOLLOW_UP_DAYS)
    work.data["follow_up_by"] = due_on.isoformat()
