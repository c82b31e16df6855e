"""考核人→审核→批准: the way of a month's assessment through the hands of three people, none of whom is scored by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from workflows.actor import ASSESSED, Actor, Role
from workflows.assessment_pay import next_month
from workflows.errors import Conflict, Forbidden

BASIS: Final = "考核人、审核、批准三人分离"
SCORERS: Final = (Role.assessor,)
"""Who opens, scores, answers objections and submits."""
REVIEWERS: Final = (Role.assessor, Role.reviewer)
"""Who reviews (审核): another person."""
APPROVERS: Final = (Role.assessor, Role.approver)
"""Who approves (批准): a third person."""
OBJECTORS: Final = (Role.project_director,)
"""Who reads for the contractor and explains; never scores."""
READERS: Final = (Role.assessor, Role.reviewer, Role.approver, Role.project_director, Role.supervisor, Role.auditor)
"""Who reads assessments of their halls."""


PAGES: Final = (Role.assessor, Role.project_director, Role.supervisor, Role.auditor)
"""To whom the navigation shows them: reviewers and approvers of departments hold their roles for something else."""


class AssessmentState(StrEnum):
    """Where an assessment stands. Approved it never changes; a correction is a new edition."""

    scoring = "scoring"
    submitted = "submitted"
    reviewed = "reviewed"
    approved = "approved"


class AssessmentStep(StrEnum):
    """What moves an assessment."""

    submit = "submit"
    review = "review"
    send_back = "send_back"
    approve = "approve"


TITLES: Final[Mapping[str, tuple[str, str]]] = {
    AssessmentState.scoring: ("考核中", "being scored"),
    AssessmentState.submitted: ("待审核", "to be reviewed"),
    AssessmentState.reviewed: ("待批准", "to be approved"),
    AssessmentState.approved: ("已批准", "approved"),
    AssessmentStep.submit: ("提交审核", "submit"),
    AssessmentStep.review: ("审核通过", "review"),
    AssessmentStep.send_back: ("退回", "send back"),
    AssessmentStep.approve: ("批准", "approve"),
}
"""States and steps in Chinese and English."""
_WAYS: Final[Mapping[AssessmentStep, Mapping[str, tuple[tuple[Role, ...], AssessmentState]]]] = {
    AssessmentStep.submit: {AssessmentState.scoring: (SCORERS, AssessmentState.submitted)},
    AssessmentStep.review: {AssessmentState.submitted: (REVIEWERS, AssessmentState.reviewed)},
    AssessmentStep.send_back: {
        AssessmentState.submitted: (REVIEWERS, AssessmentState.scoring),
        AssessmentState.reviewed: (APPROVERS, AssessmentState.scoring),
    },
    AssessmentStep.approve: {AssessmentState.reviewed: (APPROVERS, AssessmentState.approved)},
}
"""For each step: from which state, by whom, to which state."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An assessment at one moment.

    :param scorers: who scored anything in it, or answered an objection.
    :param undecided: proposals of the engine that nobody has settled.
    :param unanswered: objections without an answer.
    """

    state: str
    scorers: frozenset[UUID] = frozenset()
    submitted_by: UUID | None = None
    reviewed_by: UUID | None = None
    undecided: int = 0
    unanswered: int = 0


def check_month_over(month: date, today: date) -> None:
    """Refuse to assess a month that still runs. :param today: in hall time. :raises Conflict: ``month_not_over``."""
    end = next_month(month)
    if today < end:
        raise Conflict(
            "month_not_over",
            f"{month.year}年{month.month}月尚未结束，请于{end.isoformat()}后考核。",
            f"{month:%Y-%m} is not over; assess it from {end.isoformat()} on.",
        )


def check_impartial(actor: Actor) -> None:
    """Refuse whoever holds a role whose work is scored.

    :raises Forbidden: ``self_scoring``.
    """
    if own := sorted(actor.roles & ASSESSED):
        raise Forbidden(
            "self_scoring",
            f"您担任{'、'.join(role.zh for role in own)}，属于被考核人员，不能参与评分、审核和批准。",
            f"You are {', '.join(role.en for role in own)} and so among those who are scored; score, review or approve"
            " nothing here.",
            basis=BASIS,
        )


def roles_of(step: AssessmentStep, state: str) -> tuple[Role, ...]:
    """Who may take a step from a state. :raises Conflict: ``assessment_step_not_allowed``."""
    way = _WAYS[step].get(state)
    if way is None:
        raise Conflict(
            "assessment_step_not_allowed",
            f"考核表当前为“{TITLES[state][0]}”，不能{TITLES[step][0]}。"
            + ("已批准的考核表不再更改，如有错误请另立更正版。" if state == AssessmentState.approved else ""),
            f"The assessment is {TITLES[state][1]}; {step.value} is not a step from there.",
            state=state,
        )
    return way[0]


def take(step: AssessmentStep, standing: Standing, person: UUID) -> AssessmentState:
    """Where a step brings an assessment.

    :param person: who takes it, in one of the roles of :func:`roles_of`.
    :raises Conflict: ``assessment_step_not_allowed``, ``proposals_undecided``, ``objection_unanswered``.
    :raises Forbidden: ``same_person``.
    """
    roles_of(step, standing.state)
    if step is AssessmentStep.submit:
        _require_settled(standing)
    else:
        _require_another(step, standing, person)
    if step is AssessmentStep.approve:
        _require_answered(standing)
    return _WAYS[step][standing.state][1]


def require_scoring(state: str) -> None:
    """Refuse to score what was submitted. :raises Conflict: ``assessment_closed``."""
    if state != AssessmentState.scoring:
        raise Conflict(
            "assessment_closed",
            f"考核表当前为“{TITLES[state][0]}”，不能再登记或者更改扣分、加分。"
            + ("如有错误请另立更正版。" if state == AssessmentState.approved else "需要修改的，请先退回。"),
            f"The assessment is {TITLES[state][1]}; its entries are settled."
            + (" Open a correction instead." if state == AssessmentState.approved else " Send it back first."),
            state=state,
        )


def require_open(state: str) -> None:
    """Refuse an objection to what is approved. :raises Conflict: ``assessment_closed``."""
    if state == AssessmentState.approved:
        require_scoring(state)


def require_answerer(reviewed_by: UUID | None, person: UUID | None) -> None:
    """Refuse an answer to an objection by who reviewed: to answer is to score. :raises Forbidden: ``same_person``."""
    if person is not None and person == reviewed_by:
        raise _same_person()


def _require_settled(standing: Standing) -> None:
    if standing.undecided:
        raise Conflict(
            "proposals_undecided",
            f"还有{standing.undecided}条系统发现的扣分未确认，请逐条确认或者不予采纳后再提交。",
            f"{standing.undecided} proposals of the engine wait to be confirmed or rejected.",
            undecided=standing.undecided,
        )
    _require_answered(standing)


def _require_answered(standing: Standing) -> None:
    if standing.unanswered:
        raise Conflict(
            "objection_unanswered",
            f"还有{standing.unanswered}条异议未答复，请先答复。",
            f"{standing.unanswered} objections wait for an answer.",
            unanswered=standing.unanswered,
        )


def _require_another(step: AssessmentStep, standing: Standing, person: UUID) -> None:
    """考核人, 审核 and 批准 are three people; who reviewed may still send back what waits to be approved."""
    taken = {*standing.scorers, standing.submitted_by}
    if step is AssessmentStep.approve:
        taken.add(standing.reviewed_by)
    if person in taken:
        raise _same_person()


def _same_person() -> Forbidden:
    return Forbidden(
        "same_person",
        "考核、审核、批准应由三个不同的人办理，您已参与其他环节，请由他人办理。",
        "Scoring, review and approval are for three people; you took part already, so somebody else must.",
        basis=BASIS,
    )
