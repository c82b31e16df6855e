"""上门服务: to whom the hall goes, and on what conditions (defaults where no rule is set)."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from workflows.errors import Conflict, Malformed

BASIS: Final = "上门服务：固定区域内行动不便、意识清醒的申请人，两名工作人员"


def check_booking(first: UUID, second: UUID, day: date, today: date, *, in_area: bool, immobile: bool) -> None:
    """Refuse a visit that the hall does not make: two people, from today on, within the area, to who cannot come.

    :param day: hall date. :param today: hall date.
    :raises Malformed: ``visit_in_the_past``. :raises Conflict: ``two_people_needed``, ``outside_the_area``,
        ``can_come_themself``.
    """
    if day < today:
        raise Malformed("visit_in_the_past", "上门日期不得早于今天。", "A visit is not booked for a day that is over.")
    if first == second:
        raise Conflict(
            "two_people_needed",
            "上门服务须由两名工作人员共同进行。",
            "Two people make a visit together; name another one.",
            basis=BASIS,
        )
    if not in_area:
        raise Conflict(
            "outside_the_area",
            "该地点不在上门服务区域内，请建议就近大厅或委托代理人办理。",
            "The place is outside the area; suggest the nearest hall, or an agent.",
            basis=BASIS,
        )
    if not immobile:
        raise Conflict(
            "can_come_themself",
            "上门服务限行动不便的申请人，其他申请人请到大厅或网上办理。",
            "Visits are for applicants who cannot come; others use the hall or apply online.",
            basis=BASIS,
        )


def check_record(state: str, *, conscious: bool, took_place: bool) -> None:
    """Refuse a record of a visit that was recorded already, or of business with somebody who was not conscious.

    :param state: of the visit as it stands.
    :raises Conflict: ``visit_recorded``, ``not_conscious``.
    """
    if state != "booked":
        raise Conflict("visit_recorded", "该上门服务已有记录。", "What became of this visit is recorded already.")
    if took_place and not conscious:
        raise Conflict(
            "not_conscious",
            "申请人意识不清的，不能由其本人申请或委托，请由监护人办理，并将本次上门登记为未进行。",
            "Somebody who is not conscious neither applies nor gives a mandate; a guardian does. Record the visit as"
            " not made.",
            basis="民法典144、163",
        )
