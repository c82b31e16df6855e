"""Conditions on what takes or adds time after acceptance: special procedures, site checks, extensions."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from workflows.actor import Role
from workflows.clock import ClockKind, Entry
from workflows.clock_acts import check_entry
from workflows.errors import Conflict, Forbidden, Malformed
from workflows.guarding import guard, selector
from workflows.item import EXCLUDED_KINDS, ItemVersion, SpecialProcedure
from workflows.situation import Situation

SITE_CHECK: Final = "site_check"
"""The kind under which an item lists its site check (现场核查)."""
HEARING: Final = "hearing"
"""The kind of special procedure that a hearing is."""
INSPECTIONS: Final = frozenset({"inspection", "testing", "quarantine"})
"""The kinds to which two people are assigned within five working days of acceptance (行政许可法55(2))."""
ASSIGNED_WITHIN: Final = 5
"""Working days from acceptance in which they are assigned."""
DEFAULT_MAX_DAYS: Final = 20
"""Working days that one of the eight kinds may take where the item does not say (优化营商环境条例36(1))."""


def special_procedure(item: ItemVersion, kind: str | None) -> SpecialProcedure | None:
    """What the item says of a special procedure; where it says nothing, one of the eight kinds of article 45.

    The eight are those of the licensing law, so that an item under another law has only what it lists itself.

    :param kind: as in :data:`workflows.item.EXCLUDED_KINDS`, or one that the item lists.
    """
    own = next((found for found in item.special_procedures if found.kind == kind), None)
    if own is not None or kind not in EXCLUDED_KINDS or item.procedure_law != "PERMIT":
        return own
    name, name_en = EXCLUDED_KINDS[kind]
    return SpecialProcedure(
        kind=kind, name=name, name_en=name_en, excluded=True, max_days=DEFAULT_MAX_DAYS, basis="行政许可法45"
    )


def kind_meant(situation: Situation) -> str | None:
    """The kind that was sent, or else the one that the applicant was told of last."""
    told = situation.special.kind if situation.special else None
    kind: str | None = situation.payload.get("kind", told)
    return kind


@guard("special", of_payload=True)
def special_kind_has_basis(situation: Situation) -> None:
    """Time is excluded only for the eight kinds of article 45 or on the item's own legal basis."""
    item = situation.item
    found = special_procedure(item, kind_meant(situation))
    if found is None or not found.excluded:
        known = dict.fromkeys([*(one.kind for one in item.special_procedures), *EXCLUDED_KINDS])
        every = (special_procedure(item, kind) for kind in known)
        raise Conflict(
            "special_kind_without_basis",
            "该环节不在该事项依法可以扣除期限的特别程序之内，期限继续计算。",
            "This is not a special procedure whose time the law leaves out for this item; the limits go on running.",
            basis="行政许可法45",
            kinds=[one.kind for one in every if one and one.excluded],
        )


@guard("special")
def no_special_open(situation: Situation) -> None:
    """One special procedure at a time: the next is told of when the one before has ended."""
    special = situation.special
    if special and special.started_at and not special.finished_at:
        raise Conflict(
            "special_open",
            "已有特别程序尚未结束，请先结束该程序。",
            "A special procedure has not ended yet; finish it first.",
            basis="行政许可法45",
        )


@guard(of_payload=True)
def special_within_limit(situation: Situation) -> None:
    """The expected time lies ahead and is no longer than the procedure may take (行政许可法45; 优化营商环境条例36(1)).

    :raises Malformed: ``special_plan_wrong`` when the days are in the past or the wrong way round.
    """
    begins, ends = day_sent(situation, "planned_start"), day_sent(situation, "planned_end")
    if not situation.today <= begins <= ends:
        raise Malformed(
            "special_plan_wrong",
            "预计开始不得早于今天，预计结束不得早于预计开始，请更正日期。",
            "The expected start may not lie before today, nor the expected end before the start; correct the dates.",
        )
    found = special_procedure(situation.item, kind_meant(situation))
    days = situation.calendar.working_days_between(begins, ends)
    if found is not None and days > found.max_days:
        raise Conflict(
            "special_too_long",
            f"{found.name}最长{found.max_days}个工作日，所报时间为{days}个工作日，请缩短预计时间。",
            f"The procedure may take {found.max_days} working days at most, not {days}; shorten the expected time.",
            basis="优化营商环境条例36(1)",
            max_days=found.max_days,
        )


def day_sent(situation: Situation, field: str) -> date:
    """A date field of the payload."""
    return date.fromisoformat(situation.payload[field])


@guard("special")
def special_notice_served(situation: Situation) -> None:
    """The expected time was told in writing and has reached the applicant before any time is left out (D09)."""
    special = situation.special
    if special is None or special.started_at is not None:
        raise Conflict(
            "special_not_told",
            "尚未以《特别程序告知书》告知申请人所需时间，请先告知。",
            "The applicant has not been told in writing how long it is expected to take (D09); tell first.",
            basis="行政许可法45",
        )
    if special.served_at is None or special.served_at > situation.now:
        raise Conflict(
            "special_notice_not_served",
            f"《特别程序告知书》（{special.document}）尚未送达申请人，期限继续计算，请先送达。",
            f"The notice {special.document} has not been served on the applicant; the limits run until it is.",
            basis="行政许可法45",
            document=special.document,
        )
    if not special.planned_start <= situation.today <= special.planned_end:
        raise Conflict(
            "special_not_planned_now",
            f"告知的时间为{special.planned_start:%Y-%m-%d}至{special.planned_end:%Y-%m-%d}，今天不在其内；如有变化请重新告知。",
            f"The applicant was told of {special.planned_start} to {special.planned_end}, which today is not within; "
            "tell again if the plan has changed.",
            basis="行政许可法45",
        )


@guard("special", of_payload=True)
def special_kind_was_told(situation: Situation) -> None:
    """What begins is what the applicant was told of; a site check begins by its own act, with its two officers."""
    special = situation.special
    if special is None or special.kind != situation.payload.get("kind") or special.kind == SITE_CHECK:
        raise Conflict(
            "special_kind_not_told",
            "开始的特别程序与告知申请人的不一致；现场核查请用“开始现场核查”办理。",
            "This is not the procedure that the applicant was told of; a site check begins by its own act.",
            basis="行政许可法45",
        )


@guard("special")
def site_check_was_told(situation: Situation) -> None:
    """What the applicant was told of is the site check."""
    if situation.special is None or situation.special.kind != SITE_CHECK:
        raise Conflict(
            "special_kind_not_told",
            "告知申请人的特别程序不是现场核查，请先告知现场核查所需时间。",
            "The applicant was told of another procedure than the site check; tell of the site check first.",
            basis="行政许可法45",
        )


@guard("colleagues", "special", of_payload=True)
def inspectors_named(situation: Situation) -> None:
    """An inspection is carried out by an institution (行政许可法28) or by two officers at least (55(2))."""
    if kind_meant(situation) not in INSPECTIONS:
        return
    if not (situation.payload.get("institution") or "").strip():
        _require_two_officers(situation, "行政许可法28、55(2)")


def assigned_late(situation: Situation) -> bool:
    """Whether an inspection begins later than five working days after acceptance (行政许可法55(2))."""
    accepted = situation.case.accepted_at
    if kind_meant(situation) not in INSPECTIONS or accepted is None:
        return False
    day = situation.hours.day(accepted)
    return situation.calendar.working_days_between(day, situation.today) > ASSIGNED_WITHIN


@selector()
def site_check_stops_clock(situation: Situation) -> bool:
    """A law of the item's own takes the time of its site check out of the limits; article 45 does not."""
    own = special_procedure(situation.item, SITE_CHECK)
    return own is not None and own.excluded


@selector()
def site_check_keeps_clock(situation: Situation) -> bool:
    """The limits run on during the site check."""
    return not site_check_stops_clock(situation)


@guard(of_payload=True)
def site_check_lies_ahead(situation: Situation) -> None:
    """A site check is planned for today or later.

    :raises Malformed: ``site_check_day_past``.
    """
    if day_sent(situation, "planned_on") < situation.today:
        raise Malformed(
            "site_check_day_past",
            "计划核查日期不得早于今天，请更正。",
            "The day planned for the site check may not lie in the past; correct it.",
        )


@guard("colleagues", of_payload=True)
def two_officers_named(situation: Situation) -> None:
    """Two officers at least check on site, whoever records it being one of them (行政许可法34(3))."""
    _require_two_officers(situation, "行政许可法34(3)")
    if situation.actor.person not in _people(situation):
        raise Forbidden(
            "not_one_of_the_officers",
            "应由参加核查的人员之一办理此步。",
            "One of the officers who take part must do this.",
            basis="行政许可法34(3)",
        )


def _require_two_officers(situation: Situation, basis: str) -> None:
    found = {row["login"]: situation.colleagues.get(row["login"]) for row in situation.payload.get("officers", ())}
    strange = sorted(login for login, one in found.items() if one is None or Role.officer not in one.roles)
    if strange or len(_people(situation)) < 2:
        raise Conflict(
            "two_officers_needed",
            "须有两名以上本部门承办人员参加，请填写其登录名和执法证号。",
            "Two or more officers of the department must take part; give their sign-in names and card numbers.",
            basis=basis,
            not_officers=strange,
        )


def _people(situation: Situation) -> set[UUID]:
    """Whom the officers that were sent really are: a sign-in name written twice is one person."""
    named = {row["login"] for row in situation.payload.get("officers", ())}
    return {one.person for login, one in situation.colleagues.items() if login in named}


@guard(of_payload=True)
def party_signed_or_refused(situation: Situation) -> None:
    """A record is signed by those present, or says why it is not."""
    if not situation.payload.get("signed") and not (situation.payload.get("refusal") or "").strip():
        raise Conflict(
            "signature_missing",
            "笔录须由在场当事人签字；拒绝签字的，须写明情况。",
            "The record is to be signed by those present; if they refuse, say so and why.",
            basis="行政许可法34(3)、48(1)(5)",
        )


@guard()
def extension_by_right_approver(situation: Situation) -> None:
    """An extension is approved by the head that the item's law names (许可法42)."""
    extension = situation.item.extension
    if extension is None:
        raise Conflict(
            "extension_not_provided",
            "该事项的法定期限不得延长。",
            "The law gives this item no extension of its limit.",
            basis="行政许可法42(1)",
        )
    if situation.role is not extension.role:
        raise Forbidden(
            "role_not_allowed",
            f"延长期限应由{extension.role.zh}批准。",
            f"The extension is for the {extension.role.en} to approve.",
            basis=extension.basis,
            roles=[extension.role.value],
        )


@guard()
def extension_in_time(situation: Situation) -> None:
    """The statutory limit is extended once, and only before it has passed (行政许可法42)."""
    extension, clock = situation.item.extension, situation.clocks.get(ClockKind.statutory)
    if extension is not None:
        entry = Entry(ClockKind.statutory, "extend", situation.now, extension.n, extension.unit, extension.basis)
        check_entry(clock.entries if clock else (), entry, situation.calendar, situation.hours)
