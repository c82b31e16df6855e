"""考核表的打印: the form of an assessment as PDF, locked away once it is approved; before that only as a draft."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from engine.assessment.annual import year_of
from engine.assessment.assessing import standing_score
from engine.assessment.impartiality import read_within
from engine.assessment.publishing_tables import table_of
from engine.context import Context
from engine.documents.drafting import NO_FACE, sound_no_face
from engine.documents.paper_files import lock_file
from engine.documents.printing import Printed
from engine.documents.typesetting import typesetter
from engine.reading import log_access
from storage import alarms, assessment_entries, assessments, contracts
from storage.db import transaction
from workflows.actor import Actor
from workflows.assessment import AssessedItem, AssessmentTable, Effect
from workflows.assessment_pay import percent_of, year_of_month
from workflows.assessment_score import MonthScore
from workflows.errors import Conflict

YEARS_KEPT: Final = 10
"""How long the printed form is kept, in years (保管期限10年, default)."""
_PER: Final = {"time": "每次", "matter": "每项", "person": "每人次", "month": "当月"}
_SIGNS: Final = {"deduct": "扣", "bonus": "加", "malus": "减"}


async def render_form(context: Context, key: UUID, clock: Callable[[], datetime]) -> None:
    """Make the file of an approved assessment that has none yet; repeated without harm. :param clock: UTC.

    :raises Conflict: ``character_without_face``, after an alarm. :raises Unavailable: when a server does not answer.
    """
    row = await assessments.read(key)
    if row is None or row["object_key"] is not None or row["approved_at"] is None:
        return
    values, now = await _values(context, row), clock()
    try:
        made = await asyncio.to_thread(typesetter(context.settings).pdf, values, row["approved_at"])
    except Conflict as refusal:
        await sound_no_face(f"assessment:{key}", refusal, now)
        raise
    file = await lock_file(context, made, f"assessments/{key}", YEARS_KEPT, now)
    async with transaction() as connection:
        await assessments.file(connection, key, {**file, "rendered_at": now})
        await alarms.close(connection, NO_FACE, f"assessment:{key}", now)


async def find_form(actor: Actor, key: UUID, now: datetime) -> Printed:
    """The printed form of an approved assessment; who asks is in the access log first. :param now: UTC.

    :raises NotFound: ``assessment_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``form_not_ready`` before the approval, and until a worker has made it.
    """
    row = await read_within(actor, key)
    if row["object_key"] is None:
        raise Conflict(
            "form_not_ready",
            "考核表批准后生成正式打印件，请稍后再试；批准前可以打印草稿。",
            "The form is made once it is approved; a draft can be printed before.",
        )
    await log_access(actor, f"assessment:{key}", "assessment.print", now)
    name = f"月度考核表 {row['hall_name']} {row['month']:%Y-%m} 第{row['edition']}版.pdf"
    return Printed(name, row["size"], row["digest"], row["object_key"], row["object_version"])


async def draft_form(context: Context, actor: Actor, key: UUID, now: datetime) -> bytes:
    """The form as it stands, marked as a draft; nothing is kept. :param now: UTC. Refusals as of :func:`find_form`."""
    values = await _values(context, await read_within(actor, key)) | {"draft": True}
    return await asyncio.to_thread(typesetter(context.settings).pdf, values, now)


async def check_form(context: Context, actor: Actor, key: UUID) -> None:
    """Refuse to take a step with what could never be printed; the name of who takes it will be on the form too.

    :raises Conflict: ``character_without_face``. :raises Unavailable: ``faces_not_installed``.
    :raises Forbidden: ``role_not_allowed``. :raises NotFound: ``assessment_not_found``.
    """
    values = await _values(context, await read_within(actor, key)) | {"by": actor.name}
    await asyncio.to_thread(typesetter(context.settings).check, values)


async def _values(context: Context, row: Mapping[str, Any]) -> dict[str, Any]:
    table = await table_of(row["table_id"])
    entries = await assessment_entries.of_assessment(row["id"])
    done = standing_score(table, entries)
    day = context.hours(row["hall_hours"]).day
    return {
        "code": "assessment",
        "scanned": "",
        "seal": None,
        "draft": row["approved_at"] is None,
        "hall": row["hall_name"],
        "title": table.title,
        "month": f"{row['month'].year}年{row['month'].month}月",
        "contractor": row["contractor"],
        "contract": row["contract_number"],
        "edition": "" if row["edition"] == 1 else f"第{row['edition']}版（更正），理由：{row['reason']}",
        "groups": [_group(table, number, done, entries) for number in range(len(table.group))],
        "total": table.total,
        "score": done.total,
        "percent": percent_of(table.pay, [done.total]),
        "pay": await _pay(row),
        "people": [
            ["批准", row["approved_by_name"] or "", _day(row["approved_at"], day)],
            ["审核", row["reviewed_by_name"] or "", _day(row["reviewed_at"], day)],
            ["考核人", row["submitted_by_name"] or "", _day(row["submitted_at"], day)],
        ],
    }


def _day(at: datetime | None, day: Callable[[datetime], date]) -> str:
    return "" if at is None else f"{day(at).year}年{day(at).month}月{day(at).day}日"


def _group(table: AssessmentTable, at: int, done: MonthScore, entries: list[dict[str, Any]]) -> dict[str, Any]:
    group, scored = table.group[at], done.groups[at]
    return {
        "title": f"{group.number}. {group.title}（{group.points}分）",
        "score": str(scored.score),
        "parts": [
            {
                "title": part.title,
                "points": str(part.points or ("" if n else group.points)),
                "items": [_item(item, part.effect, done, entries) for item in part.items],
            }
            for n, part in enumerate(group.part)
        ],
    }


def _item(item: AssessedItem, effect: Effect, done: MonthScore, entries: list[dict[str, Any]]) -> dict[str, str]:
    grades = [f"{level.title}{_SIGNS[effect]}{level.points}分" for level in item.levels]
    return {
        "code": item.code,
        "title": item.title,
        "rule": "、".join(grades) or f"{_PER[item.per]}{_SIGNS[effect]}{item.points}分",
        "points": _signed(done.items.get(item.code, 0), effect),
        "record": _record(entries, item.code),
    }


def _signed(points: int, effect: Effect) -> str:
    return "" if not points else f"+{points}" if effect == "bonus" else f"−{points}"


def _record(entries: list[dict[str, Any]], code: str) -> str:
    """What was found under an item, as the form records it; a long list is cut and says so."""
    told = [one["evidence"] for one in entries if one["item"] == code and one["state"] == "confirmed"]
    shown = "；".join(told[:5])
    return f"{shown}；等{len(told)}条" if len(told) > 5 else shown


async def _pay(row: Mapping[str, Any]) -> list[list[str]]:
    """What the year came to when this month was approved, so that the form is the same whenever it is made."""
    contract = await contracts.read(row["contract_id"])
    if contract is None:
        raise LookupError(row["contract_id"])
    in_year = year_of_month(contract["first_year"], contract["years"], row["month"])
    year = await year_of(contract, in_year, row["approved_at"])
    pay = year["pay"]
    counted = sum(1 for month in year["months"] if month["score"] is not None)
    return [
        ["考核周期", f"{year['months'][0]['month']:%Y-%m}至{year['months'][-1]['month']:%Y-%m}，已批准{counted}个月"],
        ["周期平均分", pay["mean"] or "无"],
        ["对应支付比例", "无" if pay["percent"] is None else f"{pay['percent']}%"],
        ["绩效考核金额（全年）", _money(pay["base"])],
        ["按平均分应付", _money(pay["earned"])],
        ["持证人数不足扣减", _money(pay["withheld"])],
        ["合计", _money(pay["due"])],
    ]


def _money(amount: str) -> str:
    return f"{Decimal(amount):,.2f}元"
