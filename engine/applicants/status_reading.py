"""What an applicant sees of their case: where it is, what to bring and until when, their papers, code and parcel."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from engine.applicants.status_asking import applicant_of, has_pass, may_see
from engine.context import Context
from engine.documents.printing import Printed, find_printed
from engine.issue.counter import pickup_code
from engine.materials.checklists import list_materials
from engine.ratings.rating_window import last_day, may_still_rate
from engine.reading import public_status
from storage import cases, notices, organisations, papers, postings, services
from storage.db import reading
from workflows.applicant_status import ADDRESSED, ONCE_SERVED, Stage, stage_of, wrong_answer
from workflows.documents import KINDS
from workflows.errors import Forbidden
from workflows.material import Necessity

Row = dict[str, Any]
_HALL: Final = ("hall_name", "hall_name_en")
_TOLERATED: Final = "tolerance"


async def read_status(context: Context, code: str, shown: str, now: datetime) -> Row | None:
    """The whole page of an applicant; None until they have shown that the case is theirs.

    :param code: as printed. :param shown: the pass of :func:`engine.applicants.status_asking.ask_status`, or empty.
    :param now: UTC.
    :returns: as :func:`engine.reading.public_status`, with ``stage``, ``holder``, ``late`` (whether the limit that runs
        has passed), telephone numbers, ``hall_hours``, ``bring`` (lines with ``how_to_obtain``), ``documents``,
        ``parcel``, and ``pickup`` (only with a pass).
    :raises NotFound: ``case_not_found`` for an unknown code, where the hall asks for nothing else.
    """
    if not may_see(context, code, shown, now):
        return None
    status = await public_status(context, code, now)
    case = await _case(status["number"])
    stage = stage_of(case["state"])
    async with reading() as connection:
        notice = await notices.of_case(connection, case["id"])
        parcel = await postings.open_of_case(connection, case["id"])
    passed = has_pass(context, code, shown, now)
    hall, department = await organisations.by_code(case["hall"]), await organisations.by_code(case["department"])
    return {
        **status,
        "stage": stage.value,
        "holder": case["holder"],
        "item_code": case["item_code"],
        **{name: case[name] for name in _HALL},
        "late": status["due_at"] is not None and status["due_at"] < now,
        "hall_phone": hall["phone"] if hall else "",
        "hall_hours": hall["hours"] if hall else None,
        "department_phone": department["phone"] if department else "",
        "bring": await _bring(context, case, stage, notice, now),
        "documents": await _documents(context, case),
        "parcel": parcel,
        "pickup": await pickup_code(context, case["number"]) if passed and case["state"] == "READY" else None,
        "passed": passed,
    }


async def _case(number: str) -> Row:
    case = await cases.read(number)
    if case is None:
        raise wrong_answer()
    return case


async def _bring(context: Context, case: Row, stage: Stage, notice: Row | None, now: datetime) -> list[Row]:
    """What is still to be brought: what the notice names, else what the list asks for and was put off or not handed in.

    :returns: ``name``, ``name_en``, ``what`` (what is wrong with it), ``how_to_obtain``, ``how_to_obtain_en``.
    """
    asked = await list_materials(context, applicant_of(case), case["number"], now)
    if case["state"] == "CORRECTION" and notice is not None:
        named = {line["line"]: line for line in asked}
        return [_noticed(line, named.get(line["material"])) for line in notice["lines"] if line["met_at"] is None]
    open_lines = [line for line in asked if not line["complete"] and not line["e_cert"]]
    if stage is Stage.prepare:
        return [_line(line) for line in open_lines if line["necessity"] != Necessity.optional]
    put_off = _TOLERATED in case["flags"] and stage is Stage.accepted
    return [_line(line) for line in open_lines if put_off and line["necessity"] == Necessity.deferrable]


def _line(line: Row, what: str = "", how: str = "") -> Row:
    names = ("name", "name_en", "how_to_obtain", "how_to_obtain_en", "asked")
    return {name: line[name] for name in names} | {"what": what} | ({"how_to_obtain": how} if how else {})


def _noticed(told: Row, line: Row | None) -> Row:
    """A line of the notice, by the name that the material list has for it."""
    what, how = f"{told['defect']} {told['requirement']}", told["how_to_obtain"]
    if line is not None:
        return _line(line, what, how)
    name = told["material"]
    return {"name": name, "name_en": name, "how_to_obtain": how, "how_to_obtain_en": "", "asked": None, "what": what}


async def _documents(context: Context, case: Row) -> list[Row]:
    """The documents addressed to the applicant that they may have now, the newest last; ``ready`` once printed."""
    async with reading() as connection:
        issued = await services.papers_of_case(connection, case["id"])
    waiting = {row["number"] for row in await papers.unprinted(case["number"])}
    result = (await context.item(case["item_id"])).result
    return [
        {
            "number": row["number"],
            "title": result.name if row["code"] == "D17" else KINDS[row["code"]].title,
            "title_en": KINDS[row["code"]].title_en,
            "ready": row["number"] not in waiting,
        }
        for row in issued
        if row["code"] in ADDRESSED and (row["code"] not in ONCE_SERVED or row["served_at"])
    ]


async def find_document(context: Context, code: str, shown: str, document: str, now: datetime) -> Printed:
    """The file of a document addressed to the applicant; on the trail and in the access log as theirs.

    :param document: 文号. :param now: UTC.
    :raises NotFound: ``status_not_found`` without a pass. :raises Forbidden: ``document_not_yours``; further as
        :func:`engine.documents.printing.find_printed`.
    """
    if not may_see(context, code, shown, now):
        raise wrong_answer()
    case = await _case((await public_status(context, code, now))["number"])
    if document not in {row["number"] for row in await _documents(context, case)}:
        raise Forbidden(
            "document_not_yours",
            "该文书不是送给申请人的，或者尚未送达。",
            "This document is not addressed to the applicant, or was not served yet.",
            basis="行政许可法44",
        )
    return await find_printed(context, applicant_of(case), case["number"], document, now)


async def read_rating(context: Context, code: str, now: datetime) -> Row:
    """What there is to rate behind a code: the item, and whether it can be rated now; no names.

    :param now: UTC. :returns: ``standing`` is open, rated, over (with ``last_day``) or early.
    :raises NotFound: ``case_not_found``.
    """
    status = await public_status(context, code, now)
    case = await _case(status["number"])
    last = await last_day(context, case)
    if "rated" in case["flags"]:
        standing = "rated"
    elif last is None:
        standing = "early"
    else:
        standing = "open" if status["may_rate"] and await may_still_rate(context, case, now) else "over"
    return {**status, "standing": standing, "last_day": last}
