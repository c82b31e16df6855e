"""What a review may need before a decision: 现场核查, 特别程序, 延期, 听证, 利害关系人."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.oversight import raise_violation
from engine.work import Work
from storage import procedures
from storage.db import Connection, uuid7
from workflows.clock import ClockKind, Entry
from workflows.documents import KINDS
from workflows.effects import due_with, entries_of
from workflows.hearing_terms import held_late
from workflows.numbers import document_number
from workflows.procedure_guards import assigned_late, special_procedure


def start_site_check(work: Work) -> None:
    """开始现场核查: two officers at least; where the item's law stops the clock, as the applicant was told (34(3))."""
    if work.step.definition.clocks.suspend:
        work.then(procedures.start_special, work.case["id"], work.now)


def finish_site_check(work: Work) -> None:
    """完成现场核查: what was found, on record (D11)."""
    work.then(procedures.finish_special, work.case["id"], work.now, work.payload["findings"])


def tell_special(work: Work) -> None:
    """告知特别程序: kind, basis and expected time in writing (D09), and when the limits would then end (45)."""
    found = special_procedure(work.item, work.payload["kind"])
    begins, ends = _sent(work, "planned_start"), _sent(work, "planned_end")
    row = _row(work) | {
        "kind": work.payload["kind"],
        "basis": found.basis if found else "",
        "planned_start": begins,
        "planned_end": ends,
        "told_at": work.now,
    }
    work.papers_data["D09"] = {
        "name": found.name if found else "",
        "basis": row["basis"],
        "expected_due": _expected(work, begins, ends),
    }

    async def write(connection: Connection) -> None:
        await procedures.tell_special(connection, row | {"document": _number(work, "D09")})

    work.then(write)


def _expected(work: Work, begins: date, ends: date) -> dict[str, str]:
    """The last days of both limits if the procedure takes the time that is expected."""
    since = max(work.now, work.hours.closing(begins))
    until = max(since, work.hours.closing(ends))
    return {
        kind.value: due_with(
            state, [Entry(kind, "suspend", since), Entry(kind, "resume", until)], work.situation
        ).isoformat()
        for kind, state in work.situation.clocks.items()
        if kind in {ClockKind.statutory, ClockKind.promise} and state.stopped_at is None
    }


def start_special(work: Work) -> None:
    """开始特别程序: from here its time is left out, since the applicant has been served with the notice (45)."""
    if work.payload.get("officers") and assigned_late(work.situation):
        raise_violation(work, "inspectors_late", "行政许可法55(2)")
    work.then(procedures.start_special, work.case["id"], work.now)


def finish_special(work: Work) -> None:
    """特别程序结束: with its result; the limits run again (45)."""
    work.then(procedures.finish_special, work.case["id"], work.now, work.payload["result"])


def extend(work: Work) -> None:
    """延期: once, by the head whom the law names, for a reason that the applicant is told (42)."""
    role, clocks = work.situation.role.zh, work.situation.clocks
    added = [
        entry
        for entry in entries_of(work.step, work.flow, work.situation, role, work.hours)
        if entry.act == "extend" and entry.unit is not None
    ]
    work.papers_data["D10"] = {
        "approver": role,
        "extended": [
            {
                "clock": entry.kind.value,
                "n": entry.amount,
                "unit": entry.unit,
                "basis": entry.basis,
                "due_on": due_with(clocks[entry.kind], [entry], work.situation).isoformat(),
            }
            for entry in added
        ],
    }


def tell_hearing_right(work: Work) -> None:
    """告知听证权利: the term to request one begins when the notice (D12) is served (47(1))."""

    async def write(connection: Connection) -> None:
        told = {"told_at": work.now, "document": _number(work, "D12")}
        await procedures.change_hearing(connection, work.case["id"], told)

    work.then(write)


def request_hearing(work: Work) -> None:
    """申请听证 (47(1))."""
    _change_hearing(
        work, requested_at=work.now, requested_by=work.payload["requested_by"], waived_at=None, waived_by=""
    )


def waive_hearing(work: Work) -> None:
    """放弃听证."""
    _change_hearing(work, waived_at=work.now, waived_by=work.payload["waived_by"])


def schedule_hearing(work: Work) -> None:
    """通知听证时间地点: seven working days ahead, with a host who does not review (47, 48)."""
    host = work.situation.colleagues[work.payload["host"]].person
    if held_late(work.situation):
        raise_violation(work, "hearing_late", "行政许可法47(1)")
    _change_hearing(work, notified_at=work.now, held_on=_sent(work, "held_on"), place=work.payload["place"], host=host)


def record_hearing(work: Work) -> None:
    """听证笔录归卷: the decision follows it (48(2))."""
    _change_hearing(work, recorded_at=work.now, record=work.payload["record"])


def _change_hearing(work: Work, **columns: Any) -> None:
    work.then(procedures.change_hearing, work.case["id"], columns)


def tell_third_party(work: Work) -> None:
    """告知利害关系人: their time to be heard begins when the notice (D13) is served (36)."""
    rows = [_row(work) | {"told_at": work.now, **party} for party in work.payload["parties"]]

    async def write(connection: Connection) -> None:
        number = _number(work, "D13")
        await procedures.tell_third_parties(connection, [row | {"document": number} for row in rows])

    work.then(write)


def record_statement(work: Work) -> None:
    """记录陈述申辩 (36)."""
    work.then(procedures.hear_third_party, work.case["id"], work.payload["party"], work.now, work.payload["statement"])


def _row(work: Work) -> dict[str, Any]:
    return {"id": uuid7(), "case_id": work.case["id"], "seq": work.case["head_seq"] + 1}


def _sent(work: Work, field: str) -> date:
    return date.fromisoformat(work.payload[field])


def _number(work: Work, code: str) -> str:
    """The number that the act's document of this kind was given; known once the act is being written."""
    kind = KINDS[code]
    return document_number(work.case["department_agency_word"], kind.word, work.day().year, work.numbers[code])
