"""The conditions that flow files name. Each is a pure question to a situation; a guard answers by refusing, a selector by no.

A guard that fails raises with what happened, what to do and the article. A selector only chooses between two steps of the
same name and never explains itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from workflows.clock import ClockKind
from workflows.errors import Conflict, Forbidden
from workflows.material import MaterialLine
from workflows.party import validate_id
from workflows.situation import MaterialFacts, Situation

Need = Literal["materials", "notice"]


@dataclass(frozen=True, slots=True)
class Guard:
    """A named condition.

    ``needs`` lists the records that must be read before it can be asked; ``of_payload`` says that it judges what was sent, so
    that it has no answer before something is.
    """

    check: Callable[[Situation], None]
    needs: frozenset[Need]
    of_payload: bool = False


@dataclass(frozen=True, slots=True)
class Selector:
    """A named yes-or-no that picks one of several steps of the same name."""

    check: Callable[[Situation], bool]
    needs: frozenset[Need]


GUARDS: Final[dict[str, Guard]] = {}
SELECTORS: Final[dict[str, Selector]] = {}


def _guard(
    *needs: Need, of_payload: bool = False
) -> Callable[[Callable[[Situation], None]], Callable[[Situation], None]]:
    def register(check: Callable[[Situation], None]) -> Callable[[Situation], None]:
        GUARDS[check.__name__] = Guard(check, frozenset(needs), of_payload)
        return check

    return register


def _selector(*needs: Need) -> Callable[[Callable[[Situation], bool]], Callable[[Situation], bool]]:
    def register(check: Callable[[Situation], bool]) -> Callable[[Situation], bool]:
        SELECTORS[check.__name__] = Selector(check, frozenset(needs))
        return check

    return register


def applicable_lines(situation: Situation) -> list[MaterialLine]:
    """The material lines that this applicant's circumstances call for."""
    return [line for line in situation.item.materials if line.applies(situation.case.situation)]


def counted(situation: Situation) -> dict[str, MaterialFacts]:
    """What has been handed in, with the counts of this very act laid over what was there."""
    facts = dict(situation.materials)
    for row in situation.payload.get("materials", ()):
        before = facts.get(row["line"], MaterialFacts(row["line"]))
        facts[row["line"]] = MaterialFacts(
            line=row["line"],
            originals=row.get("originals", 0),
            copies=row.get("copies", 0),
            pages=row.get("pages", 0),
            exempt=row.get("exempt"),
            scans_pending=before.scans_pending,
            scans_stored=before.scans_stored,
            scans_refused=before.scans_refused,
        )
    return facts


@_guard("materials", of_payload=True)
def counts_match_list(situation: Situation) -> None:
    """Only what the item's list asks for may be demanded or counted; exemption only where the list allows it (令716号7)."""
    lines = {line.code: line for line in applicable_lines(situation)}
    for row in situation.payload.get("materials", ()):
        line = lines.get(row["line"])
        if line is None:
            raise Conflict(
                "material_not_on_list",
                f"材料“{row['line']}”不在该事项当前情形的材料清单内,不得收取。",
                f"Material {row['line']} is not on the list of this item for this situation and may not be asked for.",
                basis="行政许可法32;优化营商环境条例",
                line=row["line"],
            )
        if row.get("exempt") == "e_cert" and not line.e_cert:
            raise Conflict(
                "exemption_not_allowed",
                f"材料“{line.name}”没有可调用的电子证照,不能免交。",
                f"{line.name_en} has no electronic certificate to stand in for it.",
                basis="国务院令716号7",
                line=line.code,
            )


@_guard("materials", of_payload=True)
def counts_have_scans(situation: Situation) -> None:
    """Every paper that was counted has a scan that has not been refused, unless it is exempt."""
    for facts in counted(situation).values():
        paper = facts.originals + facts.copies > 0
        if paper and not facts.exempt and not facts.scans_stored + facts.scans_pending:
            raise Conflict(
                "scan_missing",
                f"材料“{facts.line}”已登记纸质件,但没有可用的扫描件。请先扫描上传。",
                f"Paper was counted for {facts.line} but it has no usable scan; scan and upload it first.",
                basis="DA/T 31-2017",
                line=facts.line,
            )


@_guard("materials")
def materials_complete(situation: Situation) -> None:
    """Everything that the list requires is there in the required number, scanned and found readable (许可法32(1)(5))."""
    facts = counted(situation)
    missing, pending = [], []
    for line in applicable_lines(situation):
        got = facts.get(line.code, MaterialFacts(line.code))
        if got.exempt:
            continue
        if got.scans_pending:
            pending.append(line.code)
        short = got.originals < line.originals or got.copies < line.copies
        if line.necessity != "optional" and (short or not got.scans_stored):
            missing.append(line.code)
    if pending:
        raise Conflict(
            "scans_being_checked",
            "扫描件正在核验,请几秒后再试。",
            "Scans are still being checked; try again in a few seconds.",
            lines=pending,
        )
    if missing:
        raise Conflict(
            "materials_incomplete",
            f"材料不齐:{'、'.join(missing)}。请一次性告知申请人需要补正的全部内容。",
            f"Materials are missing: {', '.join(missing)}. Tell the applicant once everything that must be corrected.",
            basis="行政许可法32(1)(4)",
            lines=missing,
        )


@_guard("materials")
def scans_settled(situation: Situation) -> None:
    """No scan is still waiting for its verdict."""
    pending = [facts.line for facts in situation.materials.values() if facts.scans_pending]
    if pending:
        raise Conflict(
            "scans_being_checked",
            "尚有扫描件未核验完成,不能归档。",
            "Some scans have no verdict yet; the case cannot be archived.",
            basis="GB/T 42727-2023",
            lines=pending,
        )


@_guard("notice")
def no_earlier_notice(situation: Situation) -> None:
    """The notice is given once (许可法32(1)(4))."""
    if situation.notice is not None:
        raise Conflict(
            "notice_already_given",
            "该办件已经一次性告知过,不得再次要求补正。",
            "The one-time notice has been given already; no further corrections may be asked for.",
            basis="行政许可法32(1)(4)、72(4)",
        )


@_guard()
def notice_clock_running(situation: Situation) -> None:
    """The notice comes within five working days of receipt; after that the application is deemed accepted."""
    clock = situation.clocks.get(ClockKind.notice)
    if clock is None or not clock.running or (clock.due_at is not None and situation.now > clock.due_at):
        raise Conflict(
            "notice_too_late",
            "补正告知期限已过,逾期不告知的自收到申请材料之日起即为受理。",
            "The time for the notice is over; the application counts as accepted from the day it was received.",
            basis="行政许可法32(1)(4)",
        )


@_guard("materials", of_payload=True)
def every_line_complete(situation: Situation) -> None:
    """Each line of the notice names a material of the list, the defect, what is asked and why (D03)."""
    known = {line.code for line in applicable_lines(situation)}
    strange = [row["material"] for row in situation.payload["lines"] if row["material"] not in known]
    blank = [
        number
        for number, row in enumerate(situation.payload["lines"], 1)
        if any(not row[key].strip() for key in ("defect", "requirement", "basis"))
    ]
    if strange or blank:
        raise Conflict(
            "notice_line_incomplete",
            "补正告知的每一项都要写明清单内的材料、问题、要求和依据。",
            "Every line of the notice must name a material of the list, the defect, the requirement and the basis.",
            basis="行政许可法32(1)(4)",
            materials=strange,
            lines=blank,
        )


@_guard("notice", of_payload=True)
def lines_are_of_notice(situation: Situation) -> None:
    """Only lines of the notice can be met, each once; nothing new is asked for."""
    open_lines = (
        {line.line for line in situation.notice.lines if line.met_at is None} if situation.notice else set()
    )
    strange = [number for number in situation.payload["lines"] if number not in open_lines]
    if strange:
        raise Conflict(
            "not_a_notice_line",
            f"第 {'、'.join(map(str, strange))} 项不是尚待补正的告知项。",
            f"Line {', '.join(map(str, strange))} is not an open line of the notice.",
            basis="行政许可法32(1)(5)",
            lines=strange,
        )


@_guard("notice")
def notice_lines_met(situation: Situation) -> None:
    """Everything that the notice asked for has been handed in."""
    still = [line.line for line in situation.notice.lines if line.met_at is None] if situation.notice else []
    if still:
        raise Conflict(
            "notice_lines_open",
            f"告知项第 {'、'.join(map(str, still))} 项尚未补正。",
            f"Line {', '.join(map(str, still))} of the notice is still open.",
            basis="行政许可法32(1)(5)",
            lines=still,
        )


@_guard()
def endorser_is_not_handler(situation: Situation) -> None:
    """Who handled the case does not endorse it (GB/T 39046; 审批表三级签署)."""
    _refuse_same_person(situation, situation.case.handler)


@_guard()
def not_yet_endorsed(situation: Situation) -> None:
    """An opinion stands until the case is sent back; it is not written over."""
    if situation.case.endorser is not None:
        raise Conflict(
            "already_endorsed",
            "该办件已有审核意见,如需更改请退回承办。",
            "The case has been endorsed; send it back to change that.",
        )


@_guard()
def approver_is_not_handler(situation: Situation) -> None:
    """A decision takes two distinct people: neither handler nor endorser approves."""
    _refuse_same_person(situation, situation.case.handler)
    _refuse_same_person(situation, situation.case.endorser)


def _refuse_same_person(situation: Situation, other: object) -> None:
    if situation.actor.person == other:
        raise Forbidden(
            "same_person",
            "承办、审核与批准不得为同一人,请由另一位有权人员办理。",
            "The same person may not both review and approve; another authorised person must act.",
            basis="行政许可法34;审批分离",
        )


@_guard()
def tolerance_closed(situation: Situation) -> None:
    """No decision while something is still owed under tolerance (容缺)."""
    if "tolerance" in situation.case.flags:
        raise Conflict(
            "tolerance_open",
            "容缺材料尚未补齐,不能作出决定。",
            "Something is still owed under tolerance; no decision can be made.",
            basis="容缺受理规定",
        )


@_guard(of_payload=True)
def recipient_identified(situation: Situation) -> None:
    """Who takes the result shows a valid identity number.

    :raises Malformed: when the number fails its check.
    """
    person = situation.payload["recipient"]
    validate_id(person["id_kind"], person["id_number"])


@_guard(of_payload=True)
def applicant_signed(situation: Situation) -> None:
    """A withdrawal is the applicant's own signed wish."""
    if not situation.payload.get("signed"):
        raise Conflict(
            "signature_missing",
            "撤回须由申请人签字确认。",
            "A withdrawal must be signed by the applicant.",
            basis="行政许可法31",
        )


@_selector("notice")
def notice_given(situation: Situation) -> bool:
    """The one-time notice has been given."""
    return situation.notice is not None


@_selector("notice")
def notice_not_given(situation: Situation) -> bool:
    """The one-time notice has not been given."""
    return situation.notice is None
