"""Conditions on the one-time notice (补正告知), and the choice between the ways before and after it."""

from __future__ import annotations

from workflows.clock import ClockKind
from workflows.errors import Conflict
from workflows.guarding import guard, selector
from workflows.material_guards import applicable_lines, refuse_spared
from workflows.situation import Situation


@guard("notice")
def no_earlier_notice(situation: Situation) -> None:
    """The notice is given once (许可法32(1)(4))."""
    if situation.notice is not None:
        raise Conflict(
            "notice_already_given",
            "该办件已经一次性告知过，不得再次要求补正。",
            "The one-time notice has been given already; no further corrections may be asked for.",
            basis="行政许可法32(1)(4)、72(4)",
        )


@guard()
def notice_clock_running(situation: Situation) -> None:
    """The notice comes within five working days of receipt; after that the application is deemed accepted."""
    clock = situation.clocks.get(ClockKind.notice)
    if clock is None or not clock.running or (clock.due_at is not None and situation.now > clock.due_at):
        raise Conflict(
            "notice_too_late",
            "补正告知期限已过，逾期不告知的自收到申请材料之日起即为受理。",
            "The time for the notice is over; the application counts as accepted from the day it was received.",
            basis="行政许可法32(1)(4)",
        )


@guard("materials", of_payload=True)
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
    refuse_spared(situation, [row["material"] for row in situation.payload["lines"]])


@guard("notice", of_payload=True)
def lines_are_of_notice(situation: Situation) -> None:
    """Only lines of the notice can be met, each once; nothing new is asked for."""
    notice, asked = situation.notice, list(situation.payload["lines"])
    open_lines = {line.line for line in notice.lines if line.met_at is None} if notice else set()
    strange = [number for place, number in enumerate(asked) if number not in open_lines or number in asked[:place]]
    if strange:
        raise Conflict(
            "not_a_notice_line",
            f"第 {'、'.join(map(str, strange))} 项不是尚待补正的告知项。",
            f"Line {', '.join(map(str, strange))} is not an open line of the notice.",
            basis="行政许可法32(1)(5)",
            lines=strange,
        )


@guard("notice")
def notice_lines_met(situation: Situation) -> None:
    """Everything that the notice asked for has been handed in; lines that were added unlawfully bind nobody."""
    still = [line.line for line in situation.notice.binding if line.met_at is None] if situation.notice else []
    if still:
        raise Conflict(
            "notice_lines_open",
            f"告知项第 {'、'.join(map(str, still))} 项尚未补正。",
            f"Line {', '.join(map(str, still))} of the notice is still open.",
            basis="行政许可法32(1)(5)",
            lines=still,
        )


@selector("notice")
def notice_given(situation: Situation) -> bool:
    """The one-time notice has been given."""
    return situation.notice is not None


@selector("notice")
def notice_not_given(situation: Situation) -> bool:
    """The one-time notice has not been given."""
    return situation.notice is None
