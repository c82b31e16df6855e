"""Conditions on the notice being whole, on lines that come later, on what is handed in, and on lapse."""

from __future__ import annotations

from workflows.actor import Role
from workflows.clock import ClockKind
from workflows.errors import Conflict
from workflows.guarding import guard
from workflows.material import MaterialLine
from workflows.material_guards import (
    applicable_lines,
    counted,
    is_missing,
    missing_lines,
    pending_lines,
    refuse_pending,
)
from workflows.situation import MaterialFacts, NoticeLine, Situation


@guard("materials", "told", of_payload=True)
def notice_covers_gaps(situation: Situation) -> None:
    """The notice names everything at once: each line of the list that is missing is among its lines (许可法32(1)(4)).

    A line whose scan has no verdict yet is judged first, or named.
    """
    named = {row["material"] for row in situation.payload["lines"]}
    refuse_pending([line for line in pending_lines(situation) if line not in named])
    left_out = [line for line in missing_lines(situation) if line.code not in named]
    if left_out:
        codes = [line.code for line in left_out]
        raise Conflict(
            "notice_not_complete",
            f"必须一次告知全部内容，还缺：{'、'.join(f'{line.code} {line.name}' for line in left_out)}。"
            "请补入告知后重新提交，此后不得再要求补正。",
            f"Everything is told at once; still missing from the notice: {', '.join(codes)}. "
            "Add them and send it again; nothing can be asked for later.",
            basis="行政许可法32(1)(4)",
            missing=codes,
            told_before=[
                {"material": one.material, "defect": one.defect, "told_at": one.told_at.isoformat(), "slip": one.number}
                for one in situation.told
                if one.material in codes
            ],
        )


@guard("notice", of_payload=True)
def lines_are_new(situation: Situation) -> None:
    """A line that stands open already is not told again, nor one twice."""
    standing = [(line.material, line.defect.strip()) for line in _open_lines(situation)]
    added = [(row["material"], row["defect"].strip()) for row in situation.payload["lines"]]
    again = [number for number, row in enumerate(added, 1) if row in standing or row in added[: number - 1]]
    if again:
        raise Conflict(
            "line_already_told",
            f"第 {'、'.join(map(str, again))} 项已经告知过且尚未补正，不必再次告知。",
            f"Line {', '.join(map(str, again))} has been told already and is still open; it is not told again.",
            basis="行政许可法32(1)(4)",
            lines=again,
        )


@guard(of_payload=True)
def later_lines_have_changed_fact(situation: Situation) -> None:
    """After the one-time notice a window adds nothing, unless a fact has changed since; the fact is written down.

    The authority's own officer is not stopped: what they add without one is kept as the violation that it is.
    """
    if situation.role is not Role.officer and not changed_fact(situation):
        raise Conflict(
            "later_lines_barred",
            "已经一次性告知，不得再要求补正其他内容；确因事实变化需要补充的，请写明变化的事实。",
            "The one-time notice has been given; nothing more may be asked for. "
            "If a fact has changed since, write down which.",
            basis="行政许可法32(1)(4)、72(4)",
        )


def changed_fact(situation: Situation) -> str:
    """The changed fact that is given as the cause of later lines; empty when there is none."""
    return str(situation.payload.get("changed_fact", "")).strip()


@guard("notice", "materials", of_payload=True)
def lines_handed_in(situation: Situation) -> None:
    """A line is met by what is there: its material counted in number and scanned, or lawfully exempt."""
    told = situation.notice.lines if situation.notice else ()
    met = {line.material for line in told if line.line in situation.payload["lines"]}
    facts = counted(situation)
    absent = [line.code for line in applicable_lines(situation) if line.code in met and _absent(line, facts)]
    if absent:
        raise Conflict(
            "line_not_handed_in",
            f"材料 {'、'.join(absent)} 未收到、数量不足或没有可用的扫描件，不能登记为已补齐。请登记份数并扫描。",
            f"{', '.join(absent)} is not there in number or has no usable scan, so its line is not met yet. "
            "Count and scan what was handed in.",
            basis="行政许可法32(1)(5)；DA/T 31-2017",
            lines=absent,
        )


def _absent(line: MaterialLine, facts: dict[str, MaterialFacts]) -> bool:
    """As missing, but for a scan that is still being judged: the paper itself is there."""
    got = facts.get(line.code, MaterialFacts(line.code))
    return is_missing(line, got) and not (got.scans_pending and got.originals + got.copies > 0)


@guard("notice", "materials")
def corrections_readable(situation: Situation) -> None:
    """What was handed in against the notice has a readable scan; a bad scan is the window's to repeat."""
    told = {line.material for line in situation.notice.binding if line.met_at} if situation.notice else set()
    unreadable = [line.code for line in missing_lines(situation) if line.code in told]
    if unreadable:
        raise Conflict(
            "correction_unreadable",
            f"补正材料 {'、'.join(unreadable)} 没有可用的扫描件，请窗口重新扫描；不得要求申请人再次补正。",
            f"{', '.join(unreadable)} was handed in but has no readable scan; scan it again. "
            "The applicant is asked for nothing.",
            basis="行政许可法32(1)(5)；DA/T 31-2017",
            lines=unreadable,
        )


@guard("notice")
def correction_overdue(situation: Situation) -> None:
    """An application lapses only after the time to correct has passed with something lawfully asked for still open."""
    clock = situation.clocks.get(ClockKind.correction)
    if clock is None or clock.due_at is None or not clock.running or situation.now <= clock.due_at:
        raise Conflict(
            "correction_not_overdue",
            "补正期限尚未届满，不能作逾期退件处理。",
            "The time to correct has not passed; the application cannot lapse yet.",
            basis="国家层面无统一规定；逾期未补正由机关确认",
        )
    if situation.notice is not None and not _binding_open(situation):
        raise Conflict(
            "nothing_left_to_correct",
            "一次性告知的内容已全部补齐，应当受理，不得退件。",
            "Everything that the one-time notice asked for is there; the application must be accepted.",
            basis="行政许可法32(1)(5)",
        )


@guard("reminders")
def applicant_was_reminded(situation: Situation) -> None:
    """Nobody loses an application unreminded."""
    if not situation.reminders:
        raise Conflict(
            "applicant_not_reminded",
            "尚未提醒申请人补正期限将届满，不能作逾期退件处理。",
            "The applicant has not been reminded that the time to correct runs out; the application cannot lapse.",
            basis="国家层面无统一规定；默认到期前5日提醒",
        )


def _open_lines(situation: Situation) -> list[NoticeLine]:
    return [line for line in situation.notice.lines if line.met_at is None] if situation.notice else []


def _binding_open(situation: Situation) -> list[NoticeLine]:
    return [line for line in _open_lines(situation) if not line.violation]
