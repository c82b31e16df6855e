"""What must have been checked of the materials before an application is accepted, and what may be checked at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from workflows.actor import Role
from workflows.errors import Conflict, Forbidden, Malformed
from workflows.material import MaterialLine
from workflows.proof import GRADES, NO_PAPER, CheckFacts, CheckKind, checks_of, demanded
from workflows.situation import MaterialFacts

CHECKERS = (Role.clerk, Role.officer)
"""Who checks materials: the window, and the department."""


def spared(got: MaterialFacts, today: date) -> bool:
    """Whether no paper may be asked for a line: an electronic certificate or an earlier proof stands in for it."""
    if not got.exempt:
        return False
    if got.reuse is not None:
        return got.reuse.holds(today)
    return got.exempt == "e_cert" and _stands(got.check, CheckKind.source_verified, today)


def unchecked(line: MaterialLine, got: MaterialFacts, today: date) -> CheckKind | None:
    """The check that a line still needs as it was handed in; None where it has it.

    What a clerk compared with the original is compared again once another scan has been added.
    """
    if got.reuse is not None and got.exempt:
        return None if got.reuse.holds(today) else demanded(line, got.exempt)
    kind = demanded(line, got.exempt)
    if not _stands(got.check, kind, today):
        return kind
    seen = got.check is not None and (got.scanned_at is None or got.check.at >= got.scanned_at)
    return None if seen or kind is not CheckKind.original_checked else kind


def _stands(check: CheckFacts | None, kind: CheckKind, today: date) -> bool:
    return check is not None and check.passed and check.kind is kind and not (check.valid_to and check.valid_to < today)


def require_checked(lines: Iterable[MaterialLine], facts: Mapping[str, MaterialFacts], today: date) -> None:
    """Refuse to rely on what was handed in for these lines before it was checked as its grade asks.

    Lines for which nothing was handed in are somebody else's question.

    :param today: hall date.
    :raises Conflict: ``reuse_not_valid``, ``reuse_file_refused``, ``scans_being_checked``, ``materials_unchecked``.
    """
    held = [(line, facts[line.code]) for line in lines if line.code in facts and _handed_in(facts[line.code])]
    for line, got in held:
        if got.exempt and got.reuse is not None:
            _require_standing(line, got, today)
    waiting = [(line, kind) for line, got in held if (kind := unchecked(line, got, today))]
    if waiting:
        raise Conflict(
            "materials_unchecked",
            f"尚未核验，不能受理：{'；'.join(f'{line.code} {line.name}须{kind.zh}' for line, kind in waiting)}。",
            f"Not checked yet: {'; '.join(f'{line.code} {line.name_en}: {kind.en}' for line, kind in waiting)}.",
            basis=GRADES,
            lines=[line.code for line, _ in waiting],
            checks={line.code: kind.value for line, kind in waiting},
        )


def _handed_in(got: MaterialFacts) -> bool:
    return bool(got.exempt or got.originals or got.copies)


def _require_standing(line: MaterialLine, got: MaterialFacts, today: date) -> None:
    reuse = got.reuse
    if reuse is None or not reuse.holds(today):
        raise Conflict(
            "reuse_not_valid",
            f"{line.code} {line.name}：用于免提交的{reuse.source if reuse else '证明'}已失效或已过有效期，"
            "请终止该项免提交，另行取得证明。",
            f"{line.code} {line.name_en}: what stood in for the paper is no longer valid; end that reuse and obtain"
            " another proof.",
            basis=GRADES,
            lines=[line.code],
        )
    if reuse.scan == "incoming":
        raise Conflict(
            "scans_being_checked",
            "扫描件正在核验，请几秒后再试。",
            "Scans are still being checked; try again in a few seconds.",
            lines=[line.code],
        )
    if reuse.scan == "refused":
        raise Conflict(
            "reuse_file_refused",
            f"{line.code} {line.name}：调取的电子证照文件未通过核验，请终止该项免提交，改为扫描原件。",
            f"{line.code} {line.name_en}: the certificate's file was refused; end that reuse and scan the original.",
            basis="DA/T 31-2017",
            lines=[line.code],
        )


def check_allowed(line: MaterialLine, got: MaterialFacts, check: CheckFacts, note: str, today: date) -> None:
    """Refuse a check that says nothing: of another grade, of nothing, without a reference or a reason.

    :param note: in words, what was found. :param today: hall date.
    :raises Conflict: ``check_not_of_grade``, ``nothing_to_check``, ``material_expired``.
    :raises Malformed: ``reference_needed``, ``note_needed``.
    """
    _require_grade(line, check.kind)
    if check.kind is CheckKind.source_verified and not check.reference.strip():
        raise Malformed(
            "reference_needed",
            "请填写所核验电子证照的编号。",
            "Give the number of the electronic certificate that was verified.",
            field="reference",
        )
    if not check.passed and not note.strip():
        raise Malformed("note_needed", "核验不符的，请写明不符之处。", "Say what did not fit.", field="note")
    paper = got.originals + got.copies + got.scans_stored + got.scans_pending
    if check.kind is not CheckKind.source_verified and not paper:
        raise Conflict(
            "nothing_to_check",
            f"{line.code} {line.name}还没有登记纸质件，也没有扫描件，无从核验。请先登记或扫描。",
            f"Nothing was handed in for {line.code} yet; count or scan it first.",
            basis=GRADES,
            line=line.code,
        )
    if check.passed and check.valid_to is not None and check.valid_to < today:
        raise Conflict(
            "material_expired",
            f"{line.code} {line.name}的有效期至{check.valid_to:%Y-%m-%d}，已经届满，不能作为核验通过。",
            f"{line.code} was valid until {check.valid_to:%Y-%m-%d}; it cannot pass.",
            basis=GRADES,
            line=line.code,
        )


def _require_grade(line: MaterialLine, kind: CheckKind) -> None:
    allowed = checks_of(line)
    if kind not in allowed:
        raise Conflict(
            "check_not_of_grade",
            f"{line.code} {line.name}的信任等级为{line.grade.value}，只能{'或'.join(one.zh for one in allowed)}，"
            "不能以其他方式核验。",
            f"{line.code} is of grade {line.grade.value}: {' or '.join(one.en for one in allowed)}.",
            basis=GRADES,
            line=line.code,
            checks=[one.value for one in allowed],
        )


def require_checker(role: Role) -> None:
    """Refuse that somebody vouches for a material who may not.

    :raises Forbidden: ``check_not_yours``.
    """
    if role not in CHECKERS:
        raise Forbidden(
            "check_not_yours",
            "材料由窗口或承办人员核验，申请人及其代理人不能自行核验。",
            "Materials are checked by the window or the department, not by the applicant or an agent.",
            basis=GRADES,
        )


def refuse_paper(line: MaterialLine) -> Conflict:
    """The refusal of paper for a line that an electronic certificate or an earlier proof stands in for."""
    return Conflict(
        "paper_not_to_be_asked",
        f"{line.code} {line.name}已由电子证照或此前核验的材料代替，不得再收取或要求提交纸质件。",
        f"An electronic certificate or an earlier proof stands in for {line.code}; no paper may be asked for it.",
        basis=NO_PAPER,
        line=line.code,
    )
