"""Reports as a manager and an auditor use them: on time unasked, with real numbers, the same a year later."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from pypdf import PdfReader

from engine.context import Context
from engine.documents.printing import open_printed
from engine.figures.asking import Asked
from engine.figures.figuring import read_figures
from engine.figures.reporting import (
    MOST_WAITING,
    REPORT,
    find_report,
    list_reports,
    order_due,
    order_report,
    read_report,
    retry_report,
)
from engine.jobs import run_row
from engine.projecting import project
from engine.ratings.rating import rate
from engine.timing import fire_case
from storage.db import reading
from tests.factories import LABOUR, START, Story, bring, firm
from tests.people import actor
from workflows.errors import YichuangError
from workflows.figure_catalogue import FIGURES
from workflows.report import Kind, ReportWish

DAY = timedelta(days=1)
MARCH = ReportWish(Kind.monthly, date(2026, 3, 9))
APRIL_MORNING = datetime(2026, 4, 1, 0, 5, tzinfo=UTC)
MUCH_LATER = datetime(2027, 4, 1, tzinfo=UTC)


async def work_off(context: Context, now: datetime) -> None:
    """What a worker does with orders of reports, once."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = $1 AND state = 'waiting'", REPORT)
    for row in rows:
        await run_row(context, row["id"], lambda: now)


async def taken(context: Context, who: str, key: UUID, form: str, now: datetime) -> bytes:
    printed = await find_report(await actor(who), key, form, now)
    with await open_printed(context, printed) as stream:
        return stream.read()


async def made(context: Context, who: str, wish: ReportWish, now: datetime) -> dict[str, Any]:
    order = await order_report(context, await actor(who), wish, now)
    await work_off(context, now)
    report = await read_report(await actor(who), order["id"])
    assert report["state"] == "ready", report["failure"]
    assert report["percent"] == 100
    return report


async def refused(context: Context, who: str, wish: ReportWish) -> str:
    with pytest.raises(YichuangError) as refusal:
        await order_report(context, await actor(who), wish, APRIL_MORNING)
    return refusal.value.code


def rows(book: bytes, sheet: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(book), read_only=True)[sheet].iter_rows(values_only=True))[1:]


def words(paper: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)


async def march(context: Context) -> Story:
    """A month in which one case was delivered, one left behind, one never answered."""
    context.objects.ensure_buckets()
    delivered = await bring(context, "DELIVERED")
    await rate(context, (await delivered.row())["query_code"], 5, "等了很久", delivered.now)
    forgotten = await bring(context, "RECEIVED", who=firm(2), at=START + DAY)
    await fire_case(context, forgotten.number, START + 20 * DAY)
    await bring(context, "CORRECTION", LABOUR, who=firm(3), at=START + 2 * DAY)
    await project(seconds=60, now=APRIL_MORNING)
    return forgotten


async def test_a_month_is_reported_and_says_the_same_a_year_later(context: Context) -> None:
    forgotten = await march(context)
    for wish, code in (
        (ReportWish(Kind.range, date(2026, 3, 2)), "last_day_needed"),
        (ReportWish(Kind.range, date(2026, 3, 2), date(2026, 3, 1)), "period_wrong"),
        (ReportWish(Kind.daily, date(2027, 1, 1)), "period_not_begun"),
        (ReportWish(Kind.daily, date(2026, 3, 2), as_of=MUCH_LATER), "moment_not_settled"),
        (ReportWish(Kind.daily, date(2026, 3, 2), hall="town-hall"), "organisation_not_found"),
    ):
        assert await refused(context, "hall_manager", wish) == code
    assert await refused(context, "clerk", MARCH) == "role_not_allowed"
    report = await made(context, "hall_manager", MARCH, APRIL_MORNING)
    assert (report["since"], report["until"]) == (date(2026, 3, 1), date(2026, 3, 31))
    book, paper = [await taken(context, "hall_manager", report["id"], form, APRIL_MORNING) for form in ("xlsx", "pdf")]
    await every_number_is_a_number(context, book)
    the_case_behind_a_breach_is_named(book, paper, forgotten.number)
    for digest in (rows(book, "说明")[-2][1], words(paper).replace("\n", "")):
        assert report["content_digest"] in digest
    await within_reach(context, report)

    then = report["as_of"]
    later = await bring(context, "DELIVERED", at=APRIL_MORNING + DAY)
    await rate(context, (await later.row())["query_code"], 1, "", later.now)
    await project(seconds=60, now=MUCH_LATER)
    asked = ReportWish(Kind.monthly, date(2026, 3, 1), as_of=then)
    narrowed = ReportWish(Kind.monthly, date(2026, 3, 1), hall="hall", as_of=then)
    again = await made(context, "auditor", narrowed, MUCH_LATER)
    own = await made(context, "hall_manager", asked, MUCH_LATER)
    assert own["content_digest"] == report["content_digest"]
    assert again["content_digest"] != report["content_digest"], "it is told what it was narrowed to"
    assert await taken(context, "hall_manager", own["id"], "xlsx", MUCH_LATER) == book
    assert await taken(context, "hall_manager", own["id"], "pdf", MUCH_LATER) == paper


async def every_number_is_a_number(context: Context, book: bytes) -> None:
    """Every figure stands in the book as the figures themselves say it; what has no data says so in words."""
    answer = await read_figures(
        context, await actor("hall_manager"), list(FIGURES), Asked(date(2026, 3, 1), date(2026, 3, 31))
    )
    told = {FIGURES[one["name"]].title.zh: one["total"] for one in answer["figures"]}
    found = {row[1]: row[3:6] for row in rows(book, "指标")}
    assert set(found) == set(told)
    for title, (numerator, denominator, value) in found.items():
        total = told[title]
        assert value == ("无数据" if total["value"] is None else total["value"]), title
        assert numerator == ("无数据" if total["numerator"] is None else total["numerator"]), title
        assert denominator == total["denominator"] or total["denominator"] is None, title
    sheet = openpyxl.load_workbook(io.BytesIO(book))["指标"]
    formats = {row[1].value: row[5].number_format for row in sheet.iter_rows(min_row=2)}
    assert (formats["收件量"], formats["按时办结率"], formats["平均办理用时"]) == ("#,##0", "0.00%", "#,##0.00")
    by_place = {(row[0], row[1]): row[3] for row in rows(book, "按部门")}
    assert (by_place["收件量", "amr"], by_place["收件量", "hrss"]) == (2, 1)
    assert ("收件量", LABOUR.code) in {row[:2] for row in rows(book, "按事项")}
    course = rows(book, "走势")
    assert len(course) == 31
    assert course[1] == (datetime(2026, 3, 2), 1, 1, 1) or course[1][:2] == (datetime(2026, 3, 2), 1)  # noqa: DTZ001  # a day
    defined = {row[0] for row in rows(book, "指标定义")}
    assert set(told) <= defined


def the_case_behind_a_breach_is_named(book: bytes, paper: bytes, number: str) -> None:
    listed = {row[0]: row[1] for row in rows(book, "违规办件")}
    assert listed["A5 逾期未告知，视为受理"] == number
    assert number in words(paper)
    assert "视为受理" in words(paper)


async def within_reach(context: Context, report: dict[str, Any]) -> None:
    """Whoever oversees the hall has it; a department, which does not, has not."""
    assert [row["id"] for row in await list_reports(await actor("auditor"))] == [report["id"]]
    assert await list_reports(await actor("officer")) == []
    assert await list_reports(await actor("hall_manager"), Kind.daily) == []
    with pytest.raises(YichuangError, match="report_not_found"):
        await find_report(await actor("officer"), report["id"], "pdf", APRIL_MORNING)
    officer = await made(context, "officer.hrss", MARCH, APRIL_MORNING)
    book = await taken(context, "officer.hrss", officer["id"], "xlsx", APRIL_MORNING)
    assert {row[1]: row[5] for row in rows(book, "指标")}["收件量"] == 1
    assert {row[1] for row in rows(book, "按部门")} == {"hrss"}


async def test_what_is_due_is_made_by_itself_and_what_was_missed_is_made_up(context: Context) -> None:
    await march(context)
    assert await order_due(context, APRIL_MORNING) == 9, "a day, a week and a month of three halls"
    assert await order_due(context, APRIL_MORNING) == 0
    await work_off(context, APRIL_MORNING)
    listed = await list_reports(await actor("hall_manager"))
    assert {(row["kind"], row["since"], row["state"]) for row in listed} == {
        ("daily", date(2026, 3, 31), "ready"),
        ("weekly", date(2026, 3, 23), "ready"),
        ("monthly", date(2026, 3, 1), "ready"),
    }
    assert {row["as_of"] for row in listed if row["kind"] != "weekly"} == {datetime(2026, 3, 31, 16, tzinfo=UTC)}
    later = APRIL_MORNING + 3 * DAY
    await project(seconds=60, now=later)
    assert await order_due(context, later) == 9, "three days that nobody was there for"
    await a_failure_is_seen_and_tried_again(context, later)


async def a_failure_is_seen_and_tried_again(context: Context, now: datetime) -> None:
    manager = await actor("hall_manager")
    async with reading() as connection:
        key = await connection.fetchval(
            "SELECT r.id FROM reports r JOIN organisations h ON h.id = r.hall_id"
            " WHERE r.state = 'waiting' AND h.code = 'hall' LIMIT 1"
        )
        await connection.execute("UPDATE reports SET state = 'failed', failure = '字库缺字' WHERE id = $1", key)
    assert (await read_report(manager, key))["failure"] == "字库缺字"
    assert (await retry_report(context, manager, key, now))["state"] == "waiting"
    with pytest.raises(YichuangError, match="report_not_failed"):
        await retry_report(context, manager, key, now)
    wishes = [ReportWish(Kind.daily, date(2026, 3, day)) for day in range(2, 3 + MOST_WAITING)]
    for wish in wishes[:-1]:
        await order_report(context, manager, wish, now)
    same = await order_report(context, manager, wishes[0], now)
    assert same["state"] == "waiting"
    assert await refused(context, "hall_manager", wishes[-1]) == "reports_waiting"
