"""好差评 after the rating: until when one is taken, who reviews a mistaken one, who asks the rater afterwards.

The figures keep apart what nobody said from what was said: who did not rate counts for neither side, and a rating that
two people found mistaken counts for nothing, while it stays on the case (国办发〔2019〕51号; GB/T 39735-2020).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from workflows.actor import Role
from workflows.errors import Conflict, Forbidden, Malformed
from workflows.issue_guards import BAD_LEVEL

BASIS: Final = "国办发〔2019〕51号"
PROPOSERS: Final = (Role.complaint_handler, Role.hall_manager)
"""Who may say that a rating is mistaken (误评)."""
SETTLERS: Final = (Role.supervisor,)
"""Who settles it: never whoever proposed it."""
FOLLOWERS: Final = (Role.complaint_handler,)
"""Who asks the rater afterwards (回访)."""
ANSWERERS: Final = (Role.complaint_handler,)
"""Who contacts the rater and puts the matter right (差评整改), by acts on the case."""
READERS: Final = (*PROPOSERS, *SETTLERS, Role.auditor)
"""Who sees the bad ratings and the figures of their halls."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A rating and what has become of it. ``review``: None, proposed, set_aside or stands."""

    level: int
    review: str | None = None
    proposed_by: UUID | None = None
    rectified: bool = False


def check_window(delivered_on: date, today: date, days: int) -> None:
    """Refuse a rating that comes too late.

    :param delivered_on: hall date of the last delivery. :param days: natural days after it.
    :raises Conflict: ``rating_window_over``.
    """
    last = delivered_on + timedelta(days=days)
    if today > last:
        raise Conflict(
            "rating_window_over",
            f"评价期限已于{last.isoformat()}结束（送达后{days}日内可以评价）。如有意见，请向大厅投诉窗口反映。",
            f"Ratings were taken until {last.isoformat()}, {days} days after delivery. Please tell the complaint desk.",
            basis="GB/T 39735-2020 补充评价（期限为本地默认）",
        )


def check_proposal(rating: Standing | None) -> None:
    """Refuse a review of what is no bad rating, and a second one.

    :raises Conflict: ``no_bad_rating``, ``rating_reviewed``.
    """
    _require_bad(rating)
    if rating is not None and rating.review is not None:
        raise Conflict(
            "rating_reviewed",
            "该评价已经提请复核，每条评价只复核一次。",
            "This rating is under review or was reviewed; each is reviewed once.",
            basis=BASIS,
        )


def check_settlement(rating: Standing | None, person: UUID) -> None:
    """Refuse to settle what nobody proposed, and one's own proposal.

    :raises Conflict: ``no_review_open``. :raises Forbidden: ``same_person``.
    """
    if rating is None or rating.review != "proposed":
        raise Conflict(
            "no_review_open",
            "该办件没有待复核的评价。",
            "No rating of this case waits to be reviewed.",
            basis=BASIS,
        )
    if rating.proposed_by == person:
        raise Forbidden(
            "same_person",
            "提请复核的人不得自行认定，请由他人复核。",
            "Whoever proposed the review may not settle it.",
            basis=BASIS,
        )


def check_follow_up(rating: Standing | None, *, reached: bool, satisfied: bool | None) -> None:
    """Refuse a follow-up of what is not put right yet, and an answer of somebody who was not reached.

    :raises Conflict: ``no_bad_rating``, ``rating_set_aside``, ``rectify_first``. :raises Malformed: ``answer_wrong``.
    """
    _require_bad(rating)
    if rating is not None and rating.review == "set_aside":
        raise Conflict(
            "rating_set_aside",
            "该评价已认定为误评，不再回访。",
            "The rating was found mistaken; there is nothing to follow up.",
            basis=BASIS,
        )
    if rating is not None and not rating.rectified:
        raise Conflict(
            "rectify_first",
            "请先完成整改，再回访评价人。",
            "Put the matter right first; then ask the rater.",
            basis=BASIS,
        )
    if reached != (satisfied is not None):
        raise Malformed(
            "answer_wrong",
            "已联系上评价人的，须填写其是否满意；未联系上的，不得填写。",
            "Say whether the rater is satisfied if they were reached, and only then.",
        )


_ANSWERS: Final = {"rater_contact": "contact_rater", "rectification": "rectify"}
"""The act on the case that settles what is owed."""


def next_steps(rating: Standing, owed: Collection[str], roles: Collection[Role], person: UUID) -> list[str]:
    """What somebody may do about a bad rating now, in the order in which it is done.

    :param owed: kinds of duty that are open. :param roles: held on the case. :param person: who asks.
    :returns: of ``contact_rater``, ``rectify`` (acts on the case), ``follow_up``, ``settle``, ``propose``.
    """
    answers = [act for kind, act in _ANSWERS.items() if kind in owed and not set(ANSWERERS).isdisjoint(roles)]
    wanted = {
        "follow_up": "rater_follow_up" in owed and not set(FOLLOWERS).isdisjoint(roles),
        "settle": rating.review == "proposed" and rating.proposed_by != person and not set(SETTLERS).isdisjoint(roles),
        "propose": rating.review is None and not set(PROPOSERS).isdisjoint(roles),
    }
    return answers + [step for step, may in wanted.items() if may]


def _require_bad(rating: Standing | None) -> None:
    if rating is None or rating.level < BAD_LEVEL:
        raise Conflict("no_bad_rating", "该办件没有差评。", "The case has no bad rating.", basis=BASIS)


def rates(counts: Mapping[str, int]) -> dict[str, Any]:
    """The shares of a period, each None where there is nothing to divide by (D§5).

    :param counts: as :func:`storage.rating_reviews.figures` counts them.
    :returns: ``good_share`` of the ratings that count, ``active_share`` and ``unrated_share`` of the deliveries,
        ``bad_share`` of the ratings that count, ``follow_up_share`` of the bad ones.
    """
    counted = counts["good"] + counts["bad"]
    return {
        "good_share": _share(counts["good"], counted),
        "bad_share": _share(counts["bad"], counted),
        "active_share": _share(counts["rated"], counts["delivered"]),
        "unrated_share": _share(counts["delivered"] - counts["rated"], counts["delivered"]),
        "follow_up_share": _share(counts["followed_up"], counts["bad"]),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
