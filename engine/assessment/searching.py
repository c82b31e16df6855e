"""自动核查: what the trail proves against the contractor in a month becomes proposals; a person settles each."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.assessment.assessing import span_of
from engine.assessment.impartiality import locked, note, read_within
from engine.assessment.publishing_tables import table_of
from engine.context import Context
from engine.once import once
from engine.projecting import project
from engine.work import Answer
from storage import assessed_facts, assessment_entries, assessments, contracts
from storage.assessed_facts import Span
from storage.db import Connection
from workflows.actor import Actor
from workflows.assessment import AssessmentTable
from workflows.assessment_checks import (
    AssessedCase,
    AssessedNotice,
    Finding,
    Link,
    Month,
    ReportDue,
    of_case,
    of_notice,
    of_posts,
    of_report,
)
from workflows.assessment_steps import SCORERS, require_scoring

MOST_PROPOSALS: Final = 200
"""How many findings of one item are kept: many more than its points can bear, and no more than a person looks at."""
_PAGE: Final = 500
_CATCH_UP: Final = 5.0
"""Seconds for which a search waits until the facts have come up to the trail."""
_FIRST: Final = UUID(int=0)


async def search(context: Context, actor: Actor, key: UUID, now: datetime, idempotency: str = "") -> Answer:
    """Search the month and keep what is new as proposals; what was found before stays as it was settled.

    :param key: of the assessment. :param now: UTC. :param idempotency: key of the request.
    :returns: how much was ``found``; how much of it is ``new`` and kept; how much was ``left_out`` because the item
        has :data:`MOST_PROPOSALS` already.
    :raises Forbidden: ``role_not_allowed``, ``self_scoring``. :raises NotFound: ``assessment_not_found``.
    :raises Conflict: ``assessment_closed``.
    """
    await read_within(actor, key)
    await project(seconds=_CATCH_UP, wait=True)

    async def write(connection: Connection) -> Answer:
        about, role = await locked(connection, actor, key, SCORERS)
        require_scoring(about["state"])
        table = await table_of(about["table_id"])
        kept = await assessment_entries.proposed_of_items(connection, key)
        told = Counter(found=0, new=0, left_out=0)
        async for finding in _findings(context, connection, about, table, now):
            for entry in _proposals(table, finding):
                told["found"] += 1
                told[await _keep(connection, kept, {**entry, "assessment_id": key, "made_at": now})] += 1
        told.pop("known", None)
        await assessments.searched(connection, key, now)
        await note(connection, actor, role, key, "search", now, **told)
        return {"assessment": str(key), **told}

    return await once(actor, idempotency, ["assessment.search", key], now, write)


async def _keep(connection: Connection, kept: Counter[str], entry: dict[str, Any]) -> str:
    """Keep a proposal that is new, as far as one item takes any more: ``new``, ``known`` or ``left_out``."""
    if kept[entry["item"]] >= MOST_PROPOSALS:
        known = await assessment_entries.is_known(connection, entry["assessment_id"], entry["item"], entry["found"])
        return "known" if known else "left_out"
    if await assessment_entries.add(connection, entry) is None:
        return "known"
    kept[entry["item"]] += 1
    return "new"


def _proposals(table: AssessmentTable, finding: Finding) -> Iterator[dict[str, Any]]:
    """A finding as an entry for each item that asks for its check."""
    for item in table.asked(finding.check):
        yield {
            "item": item.code,
            "times": 1,
            "points": item.points,
            "origin": "machine",
            "found": f"{finding.check}:{finding.key}",
            "evidence": finding.zh,
            "evidence_en": finding.en,
            "links": msgspec.to_builtins(finding.links),
            "reference": "",
            "state": "proposed",
            "made_by": None,
            "settled_by": None,
            "settled_at": None,
            "settlement": "",
        }


async def _findings(
    context: Context, connection: Connection, row: dict[str, Any], table: AssessmentTable, now: datetime
) -> AsyncIterator[Finding]:
    span = span_of(context, row)
    month = Month(span.first, span.end)
    async for case in _cases(connection, span):
        for finding in of_case(case, month):
            yield finding
    for told in await assessed_facts.notices(connection, span):
        for finding in of_notice(msgspec.convert(told, AssessedNotice), month):
            yield finding
    received = await assessed_facts.posts(connection, span)
    for finding in of_posts([(*_post(one), Link(case=one["number"], seq=one["seq"])) for one in received]):
        yield finding
    report = await _report_due(context, connection, row, table, now)
    for finding in of_report(report) if report is not None else ():
        yield finding


async def _cases(connection: Connection, span: Span) -> AsyncIterator[AssessedCase]:
    """The cases in doubt, page by page."""
    after = _FIRST
    while True:
        rows = await assessed_facts.cases(connection, span, after, _PAGE)
        for row in rows:
            yield msgspec.convert({name: value for name, value in row.items() if name != "case_id"}, AssessedCase)
        if len(rows) < _PAGE:
            return
        after = rows[-1]["case_id"]


def _post(row: Mapping[str, Any]) -> tuple[str, Any, str]:
    return row["receiver"], row["received_on"], row["window"]


async def _report_due(
    context: Context, connection: Connection, row: dict[str, Any], table: AssessmentTable, now: datetime
) -> ReportDue | None:
    """The report that fell due in the month: on the month before it, where the contract ran then."""
    before = (row["month"] - timedelta(days=1)).replace(day=1)
    if before.year < row["first_year"]:
        return None
    calendar = await context.calendar(now)
    due = calendar.add_working_days(row["month"] - timedelta(days=1), table.report_due_working_days).on
    for contract in await contracts.lineage(row["contract_id"]):
        filed = await contracts.report_filed_at(connection, contract, before)
        if filed is not None:
            return ReportDue(before, due, context.hours(row["hall_hours"]).day(filed))
    return ReportDue(before, due, None)
