"""Conditions on the hearing itself: its day, its host, its record (行政许可法47, 48)."""

from __future__ import annotations

from typing import Final

from workflows.actor import Role
from workflows.errors import Conflict, Forbidden
from workflows.guarding import guard
from workflows.hearing_terms import HELD_WITHIN, NOTICE_DAYS, earliest_day, latest_day, wanted
from workflows.procedure_guards import HEARING, day_sent, kind_meant
from workflows.situation import Situation

_HOSTS: Final = frozenset({Role.officer, Role.reviewer, Role.approver})


@guard("hearing")
def hearing_wanted(situation: Situation) -> None:
    """A hearing is scheduled where a law asks for it or somebody with the right to it does, until it is held."""
    if not wanted(situation):
        raise Conflict(
            "hearing_not_wanted",
            "依法不须听证，也没有人申请听证，不能安排。",
            "No law asks for a hearing and nobody has requested one; there is none to schedule.",
            basis="行政许可法46、47",
        )
    if situation.hearing is not None and situation.hearing.recorded_at is not None:
        raise Conflict(
            "hearing_already_held",
            "听证已经举行并有笔录。",
            "The hearing has been held and recorded.",
            basis="行政许可法48",
        )


@guard("hearing", of_payload=True)
def special_hearing_is_wanted(situation: Situation) -> None:
    """Time is left out for a hearing only where there is to be one."""
    if kind_meant(situation) == HEARING:
        hearing_wanted(situation)


@guard(of_payload=True)
def hearing_told_early_enough(situation: Situation) -> None:
    """Time and place are told seven working days before the hearing (行政许可法48(1)(1))."""
    earliest = earliest_day(situation)
    if day_sent(situation, "held_on") < earliest:
        raise Conflict(
            "hearing_too_soon",
            f"听证的时间、地点须提前{NOTICE_DAYS}个工作日通知，最早可定于{earliest:%Y-%m-%d}。",
            f"Time and place are told {NOTICE_DAYS} working days ahead; the earliest day is {earliest}.",
            basis="行政许可法48(1)(1)、82",
            earliest=earliest.isoformat(),
        )


@guard("hearing", of_payload=True)
def hearing_within_limit(situation: Situation) -> None:
    """The hearing is held within twenty working days of the request (行政许可法47(1)).

    Where that can no longer be, because time and place have to be told seven working days ahead, it is held as early
    as can be: the applicant does not lose the hearing by the delay.
    """
    latest = latest_day(situation)
    allowed = max(latest, earliest_day(situation)) if latest else None
    if allowed and day_sent(situation, "held_on") > allowed:
        raise Conflict(
            "hearing_too_late",
            f"听证须在收到申请后{HELD_WITHIN}个工作日内举行，最迟应定于{allowed:%Y-%m-%d}。",
            f"A hearing is held within {HELD_WITHIN} working days of the request; the latest day is {allowed}.",
            basis="行政许可法47(1)、82",
            latest=allowed.isoformat(),
        )


@guard("colleagues", "signers", "examiners", of_payload=True)
def host_is_not_reviewer(situation: Situation) -> None:
    """The host is of the department and has no part in the review of this case (行政许可法48(1)(3))."""
    host = situation.colleagues.get(situation.payload["host"])
    if host is None or not host.roles & _HOSTS:
        raise Conflict(
            "host_not_found",
            "主持人须为本部门的承办、审核或批准人员，请核对登录名。",
            "The host must be an officer, reviewer or approver of the department; check the sign-in name.",
            basis="行政许可法48(1)(3)",
        )
    case = situation.case
    reviewed = {case.handler, case.endorser, situation.actor.person, *situation.signers, *situation.examiners}
    if host.person in reviewed:
        raise Forbidden(
            "host_reviewed",
            "听证主持人应当是审查该申请的工作人员以外的人员，请另行指定。",
            "The host must be somebody who does not review this application; name another person.",
            basis="行政许可法48(1)(3)",
        )


@guard("hearing")
def reviewer_is_not_host(situation: Situation) -> None:
    """Who hosted or is to host the hearing does not review the application (行政许可法48(1)(3))."""
    if situation.hearing is not None and situation.hearing.host == situation.actor.person:
        raise Forbidden(
            "host_reviewed",
            "您是本办件的听证主持人，不得参加审查，请由其他人员办理。",
            "You host the hearing of this case and may not review it; somebody else must.",
            basis="行政许可法48(1)(3)",
        )


@guard("hearing")
def hearing_scheduled(situation: Situation) -> None:
    """A record is of a hearing that was announced and whose day has come; there is one record."""
    hearing = situation.hearing
    if hearing is None or hearing.held_on is None or hearing.recorded_at is not None:
        raise Conflict(
            "hearing_not_scheduled",
            "没有已通知而尚未记录的听证。",
            "There is no hearing that was announced and still awaits its record.",
            basis="行政许可法48",
        )
    if situation.today < hearing.held_on:
        raise Conflict(
            "hearing_not_held_yet",
            f"听证定于{hearing.held_on:%Y-%m-%d}举行，届时方可记录。",
            f"The hearing is on {hearing.held_on}; it can be recorded from then on.",
            basis="行政许可法48",
        )
