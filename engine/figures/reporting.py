"""Reports (报表): ordered by a person or due by the calendar, listed and handed out within one's own halls and
departments. What was made once is locked away and never made again under the same key.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from engine.context import Context
from engine.documents.printing import Printed
from engine.figures.as_of import require_settled
from engine.figures.asking import Asked, Reach, reach_of, selection
from engine.reading import log_access
from storage import facts, organisations, outbox, reports
from storage.db import Connection, reading, transaction, uuid7
from workflows.actor import Actor
from workflows.errors import Conflict, Forbidden, NotFound, TooMany
from workflows.report import SCHEDULED, TITLES, Kind, ReportWish, due_periods, end_of

REPORT: Final = "report.make"
"""The topic under which a report is made."""
MOST_WAITING: Final = 5
"""How many orders of one person may wait at once."""
NEWEST: Final = UUID(int=2**128 - 1)
"""Before this key lies every order."""
FORMATS: Final = ("xlsx", "pdf")

Row = dict[str, Any]


async def order_report(context: Context, actor: Actor, wish: ReportWish, now: datetime) -> Row:
    """Have a report made; while the same wish of this person waits, that one is answered.

    :param now: UTC. :returns: as :func:`read_report`.
    :raises Malformed: ``last_day_needed``, ``period_wrong``, ``period_too_long``, ``period_not_begun``.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``organisation_not_found``.
    :raises Conflict: ``moment_not_settled``. :raises Unavailable: ``facts_not_made``. :raises TooMany:
        ``reports_waiting``.
    """
    person, reach = _staff(actor), await _reach(actor)
    key, row = uuid7(), await _row(context, wish, reach)
    async with transaction() as connection:
        if await reports.add(connection, {**row, "id": key, "ordered_by": person, "ordered_at": now}):
            await _refuse_many(connection, person)
            await outbox.add(connection, REPORT, {"report": str(key)}, None, now)
        else:
            key = await reports.newest_of(connection, person, wish.digest())
    context.wake()
    return await read_report(actor, key)


async def _row(context: Context, wish: ReportWish, reach: Reach) -> Row:
    """What is kept of an order, once everything in it has been found to be possible."""
    since, until = wish.period()
    async with reading() as connection:
        settled = require_settled(wish.as_of, await facts.progress(connection))
        asked = Asked(since, until, (), where_of(wish), settled)
        await selection(context, connection, reach, asked, settled)
    return {
        "kind": wish.kind.value,
        "scheduled": False,
        "hall_id": None,
        "since": since,
        "until": until,
        "as_of": settled,
        "wish": msgspec.json.encode(wish).decode(),
        "wish_digest": wish.digest(),
        "halls": list(reach.halls),
        "departments": list(reach.departments),
    }


def where_of(wish: ReportWish) -> dict[str, str]:
    """What a report is narrowed to."""
    return {name: code for name, code in (("hall", wish.hall), ("department", wish.department)) if code}


def _staff(actor: Actor) -> UUID:
    """The person who orders; for a machine, who answers for it."""
    if actor.staff is None:
        raise Forbidden("role_not_allowed", "只有工作人员可以查看报表。", "Reports are for people who work here.")
    return actor.staff


async def _reach(actor: Actor) -> Reach:
    reach = await reach_of(actor)
    if not reach.halls and not reach.departments:
        raise NotFound(
            "organisation_not_found", "您的管辖范围内没有大厅或部门。", "There is no hall or department within reach."
        )
    return reach


async def _refuse_many(connection: Connection, person: UUID) -> None:
    if await reports.waiting(connection, person) > MOST_WAITING:
        raise TooMany(
            "reports_waiting",
            f"您已有{MOST_WAITING}份报表在排队，请等其中一份完成后再提交。",
            f"{MOST_WAITING} reports of yours wait already; order this one when one of them is done.",
        )


async def order_due(context: Context, now: datetime) -> int:
    """Order the daily, weekly and monthly reports of every hall whose period is over; how many. Those that were missed
    are made up, each as of the end of its period, so that they are what they would have been.

    :param now: UTC.
    """
    count = 0
    async with reading() as connection:
        known = await facts.progress(connection)
    if known is None or known.settled_at is None:
        return 0
    for hall in [row for row in await organisations.every() if row["kind"] == "hall"]:
        zone = context.hours(hall["hours"]).zone
        async with transaction() as connection:
            newest = await reports.newest_days(connection, hall["id"])
            for kind in SCHEDULED:
                for since, until in due_periods(kind, newest.get(kind.value), known.settled_at, zone):
                    wish = ReportWish(kind, since, hall=hall["code"], as_of=end_of(until, zone))
                    count += await _schedule(connection, hall["id"], wish, now)
    if count:
        context.wake()
    return count


async def _schedule(connection: Connection, hall: UUID, wish: ReportWish, now: datetime) -> bool:
    since, until = wish.period()
    key = uuid7()
    row = {
        "id": key, "kind": wish.kind.value, "scheduled": True, "hall_id": hall, "since": since, "until": until,
        "as_of": wish.as_of, "wish": msgspec.json.encode(wish).decode(), "wish_digest": wish.digest(),
        "halls": [hall], "departments": [], "ordered_by": None, "ordered_at": now,
    }  # fmt: skip
    if not await reports.add(connection, row):
        return False
    await outbox.add(connection, REPORT, {"report": str(key)}, None, now)
    return True


async def list_reports(actor: Actor, kind: Kind | None = None, *, before: UUID = NEWEST, limit: int = 50) -> list[Row]:
    """A page of the reports that count nothing beyond what somebody may count, the newest order first.

    :param before: the key of the last one of the page before. :raises Forbidden: ``role_not_allowed``.
    """
    reach = await reach_of(actor)
    rows = await reports.within(reach.halls, reach.departments, kind.value if kind else None, before, limit)
    return [_view(row) for row in rows]


async def read_report(actor: Actor, key: UUID) -> Row:
    """One report, and how far it is: ``percent`` of its steps.

    :raises NotFound: ``report_not_found``, also out of reach. :raises Forbidden: ``role_not_allowed``.
    """
    return _view(await _within(actor, key))


async def retry_report(context: Context, actor: Actor, key: UUID, now: datetime) -> Row:
    """Have a failed report made again.

    :raises Conflict: ``report_not_failed``. Otherwise as :func:`read_report`.
    """
    await _within(actor, key)
    async with transaction() as connection:
        if not await reports.again(connection, key):
            raise Conflict(
                "report_not_failed",
                "该报表正在生成或已经生成，无需重试。",
                "The report is being made or has been made; there is nothing to try again.",
            )
        await outbox.add(connection, REPORT, {"report": str(key)}, None, now)
    context.wake()
    return await read_report(actor, key)


async def find_report(actor: Actor, key: UUID, form: str, now: datetime) -> Printed:
    """A file of a report; who asks is in the access log first.

    :param form: one of :data:`FORMATS`. :param now: UTC.
    :raises NotFound: ``report_not_found``. :raises Conflict: ``report_not_ready``.
    :raises Forbidden: ``role_not_allowed``.
    """
    row = await _within(actor, key)
    file = await reports.file_of(key, form)
    if file is None:
        raise Conflict("report_not_ready", "报表正在生成，请稍后再试。", "The report is being made; try again shortly.")
    await log_access(actor, f"report:{key}", "report.content", now, form)
    days = row["since"] if row["since"] == row["until"] else f"{row['since']}至{row['until']}"
    name = f"{row['hall_name'] or ''}{TITLES[Kind(row['kind'])].zh} {days}.{form}"
    return Printed(name, file["size"], file["digest"], file["object_key"], file["object_version"])


async def _within(actor: Actor, key: UUID) -> Row:
    reach, row = await reach_of(actor), await reports.read(key)
    if row is None or not _covers(reach, row["halls"], row["departments"]):
        raise NotFound(
            "report_not_found", "没有这份报表，或者它不在您的管辖范围内。", "There is no such report within your reach."
        )
    return row


def _covers(reach: Reach, halls: Collection[UUID], departments: Collection[str]) -> bool:
    return set(halls) <= set(reach.halls) and set(departments) <= set(reach.departments)


def _view(row: Row) -> Row:
    percent = 100 * row["steps_done"] // row["steps"] if row["steps"] else 0
    return row | {"percent": percent}
