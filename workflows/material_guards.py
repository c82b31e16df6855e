"""Conditions on what was handed in: the list, the counts, the scans."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from workflows.check import refuse_paper, require_checked, require_checker, spared
from workflows.errors import Conflict, Malformed
from workflows.guarding import guard
from workflows.material import Grade, MaterialLine, Necessity
from workflows.proof import CheckFacts, demanded
from workflows.situation import MaterialFacts, Situation


def applicable_lines(situation: Situation) -> list[MaterialLine]:
    """The material lines that this applicant's circumstances call for."""
    return [line for line in situation.item.materials if line.applies(situation.case.situation)]


def counted(situation: Situation) -> dict[str, MaterialFacts]:
    """What has been handed in, with the counts and checks of this very act laid over what was there.

    What stands in for the paper of a line does so until its reuse is ended, whatever is counted.
    """
    facts, lines = dict(situation.materials), {line.code: line for line in situation.item.materials}
    for row in situation.payload.get("materials", ()):
        before = facts.get(row["line"], MaterialFacts(row["line"]))
        exempt = row.get("exempt") or (before.exempt if before.reuse else None)
        now = replace(
            before,
            originals=row.get("originals", 0),
            copies=row.get("copies", 0),
            pages=row.get("pages", 0),
            exempt=exempt,
        )
        if row.get("checked") and row["line"] in lines:
            kind = demanded(lines[row["line"]], exempt)
            now = replace(now, check=CheckFacts(kind, passed=True, at=situation.now, by=situation.role.zh))
        facts[row["line"]] = now
    return facts


@guard("materials", of_payload=True)
def counts_match_list(situation: Situation) -> None:
    """Only what the item's list asks for may be counted; exemption only where the list allows it (令716号7)."""
    rows, facts = situation.payload.get("materials", ()), counted(situation)
    _refuse_twice([row["line"] for row in rows])
    for row in rows:
        line, got = line_on_list(situation, row["line"]), facts[row["line"]]
        _check_exemption(line, got)
        _check_originals(line, got)
        if row.get("checked"):
            require_checker(situation.role)
        if got.originals + got.copies and spared(got, situation.today):
            raise refuse_paper(line)


def line_on_list(situation: Situation, code: str) -> MaterialLine:
    """The line of this code, if this applicant's circumstances call for it.

    :raises Conflict: ``material_not_on_list``.
    """
    for line in applicable_lines(situation):
        if line.code == code:
            return line
    raise not_on_list(code)


def not_on_list(code: str) -> Conflict:
    """The refusal of a material that the list does not ask for."""
    return Conflict(
        "material_not_on_list",
        f"材料“{code[:40]}”不在该事项当前情形的材料清单内，不得收取。",
        f"Material {code[:40]} is not on the list of this item for this situation and may not be asked for.",
        basis="行政许可法32；优化营商环境条例",
        line=code[:40],
    )


def refuse_spared(situation: Situation, codes: Collection[str]) -> None:
    """Refuse to ask for paper where an electronic certificate or an earlier proof stands in for it (令716号7).

    :raises Conflict: ``paper_not_to_be_asked``.
    """
    facts = counted(situation)
    for line in applicable_lines(situation):
        if line.code in codes and line.code in facts and spared(facts[line.code], situation.today):
            raise refuse_paper(line)


def _check_originals(line: MaterialLine, got: MaterialFacts) -> None:
    """Originals are the applicant's: no more of them are taken in than the list asks for."""
    if got.originals > line.originals:
        raise Conflict(
            "originals_beyond_list",
            f"{line.code} {line.name}：清单只收原件{line.originals}份，不得多收；核对后请退还申请人。",
            f"The list asks for {line.originals} original(s) of {line.code}; give the others back after comparing.",
            basis="行政许可法31、32；优化营商环境条例",
            line=line.code,
            asked=line.originals,
        )


def _refuse_twice(codes: list[str]) -> None:
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise Malformed(
            "line_twice",
            f"{'、'.join(twice)} 重复填写，请合并为一项。",
            f"{', '.join(twice)} is given more than once; put it into one line.",
            lines=twice,
        )


def _check_exemption(line: MaterialLine, got: MaterialFacts) -> None:
    """A certificate that can be fetched, or paper verified before; never the applicant's own statement."""
    if got.reuse is not None:
        return
    if got.exempt == "e_cert" and not line.e_cert:
        raise Conflict(
            "exemption_not_allowed",
            f"材料“{line.name}”没有可调用的电子证照，不能免交。",
            f"{line.name_en} has no electronic certificate to stand in for it.",
            basis="国务院令716号7",
            line=line.code,
        )
    if got.exempt == "verified_before" and line.grade is Grade.D:
        raise Conflict(
            "exemption_not_allowed",
            f"材料“{line.name}”由申请人为本次申请出具，不能以此前核验过的材料代替。",
            f"{line.name_en} is the applicant's statement for this application; an earlier one cannot stand in for it.",
            basis="国办函〔2016〕108号",
            line=line.code,
        )
    if got.exempt == "verified_before":
        raise Conflict(
            "reuse_missing",
            f"材料“{line.name}”尚未选定此前核验过的材料。请先在“免提交”中选取，并记录申请人同意。",
            f"Nothing that was verified before has been chosen for {line.name_en}; choose it and record the consent.",
            basis="国办函〔2016〕108号",
            line=line.code,
        )


@guard("materials", of_payload=True)
def counts_have_scans(situation: Situation) -> None:
    """Every paper that was counted has a scan that has not been refused, unless it is exempt."""
    for facts in counted(situation).values():
        paper = facts.originals + facts.copies > 0
        if paper and not facts.exempt and not facts.scans_stored + facts.scans_pending:
            raise Conflict(
                "scan_missing",
                f"材料“{facts.line}”已登记纸质件，但没有可用的扫描件。请先扫描上传。",
                f"Paper was counted for {facts.line} but it has no usable scan; scan and upload it first.",
                basis="DA/T 31-2017",
                line=facts.line,
            )


@guard("materials")
def materials_complete(situation: Situation) -> None:
    """Everything that the list requires is there in number, scanned and found readable (许可法32(1)(5))."""
    refuse_pending(pending_lines(situation))
    absent = missing_lines(situation)
    missing = [line.code for line in absent]
    if missing:
        raise Conflict(
            "materials_incomplete",
            f"材料不齐：{'、'.join(f'{line.code} {line.name}' for line in absent)}。"
            "请一次性告知申请人需要补正的全部内容。",
            f"Materials are missing: {', '.join(missing)}. Tell the applicant once everything that must be corrected.",
            basis="行政许可法32(1)(4)",
            lines=missing,
        )
    require_checked(applicable_lines(situation), counted(situation), situation.today)


def missing_lines(situation: Situation) -> list[MaterialLine]:
    """What the list asks for, now or later, and is short in number or without a usable scan; exempt is not missing."""
    facts = counted(situation)
    asked = [line for line in applicable_lines(situation) if line.necessity is not Necessity.optional]
    return [line for line in asked if is_missing(line, facts.get(line.code, MaterialFacts(line.code)))]


def is_missing(line: MaterialLine, got: MaterialFacts) -> bool:
    """Whether this line is short in number, or nothing readable was scanned for it."""
    short = got.originals < line.originals or got.copies < line.copies
    return not got.exempt and (short or not got.scans_stored)


def pending_lines(situation: Situation) -> list[str]:
    """The lines of which a scan has no verdict yet, where one is needed."""
    facts = counted(situation)
    asked = (facts.get(line.code) for line in applicable_lines(situation))
    return [got.line for got in asked if got and got.scans_pending and not got.exempt]


def refuse_pending(lines: list[str]) -> None:
    """Refuse to judge lines before their scans are judged.

    :raises Conflict: ``scans_being_checked`` when there are any.
    """
    if lines:
        raise Conflict(
            "scans_being_checked",
            "扫描件正在核验，请几秒后再试。",
            "Scans are still being checked; try again in a few seconds.",
            lines=lines,
        )


@guard("materials")
def scans_settled(situation: Situation) -> None:
    """No scan is still waiting for its verdict."""
    pending = [facts.line for facts in situation.materials.values() if facts.scans_pending]
    if pending:
        raise Conflict(
            "scans_being_checked",
            "尚有扫描件未核验完成，请几秒后再试。",
            "Some scans have no verdict yet; try again in a few seconds.",
            basis="DA/T 31-2017; GB/T 42727-2023",
            lines=pending,
        )
