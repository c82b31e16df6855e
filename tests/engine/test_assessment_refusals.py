"""What would spoil an assessment is refused before it can: a contract twice, a judge of one's own, what no face has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from engine.assessment import assessing, searching, settling
from engine.assessment.contracting import list_contracts
from engine.assessment.scoring import Entering, Saying, Settling, answer, enter, object_to, settle
from engine.context import Context
from engine.documents.typesetting import FACES
from tests.conftest import Database
from tests.engine.test_assessment import APRIL, contract_of, entries_of, opened_month, three
from tests.engine.test_refusals import refused
from tests.people import actor, also
from workflows.actor import Actor
from workflows.errors import Forbidden, Malformed


async def test_a_contract_is_registered_once_and_costs_something(context: Context) -> None:
    assessor = await actor("assessor")
    for price in ("0", "0.00"):
        async with refused("price_not_positive", Malformed):
            await contract_of(context, assessor, price=price)
    first = await contract_of(context, assessor)
    async with refused("contract_registered"):
        await contract_of(context, assessor, contractor="另一家示例公司", number=" HK-2026-001 ")
    await contract_of(context, assessor, replaces=first)
    async with refused("contract_registered"):
        await contract_of(context, assessor)
    await contract_of(context, assessor, first_year=2029)
    assert len(await list_contracts(assessor)) == 3


async def _objected(context: Context, assessor: Actor) -> tuple[UUID, UUID]:
    """A month that waits to be reviewed, and its entry, to which the director objected too late to be answered."""
    key = await opened_month(context, assessor)
    await searching.search(context, assessor, key, APRIL)
    for late in await entries_of(key):
        await settle(assessor, key, late["id"], Settling(confirmed=True), APRIL)
    entry = UUID((await enter(assessor, key, Entering("3-23", 1, "拒绝调整窗口。"), APRIL))["entry"])
    await settling.submit(context, assessor, key, APRIL)
    await object_to(await actor("project_director"), key, entry, Saying("当日已说明原因。"), APRIL)
    return key, entry


async def test_who_answers_an_objection_neither_reviews_nor_approves(context: Context, database: Database) -> None:
    assessor, _, approver = await three()
    await also("government_head", "assessor", "460100")
    await also("supervisor", "assessor", "460100")
    second, third = await actor("government_head"), await actor("supervisor")
    key, entry = await _objected(context, assessor)
    await answer(second, key, entry, Saying("监控显示未说明。"), APRIL)
    async with refused("same_person", Forbidden):
        await settling.review(second, key, APRIL)
    await settling.review(third, key, APRIL)
    async with refused("same_person", Forbidden):
        await settling.approve(context, second, key, APRIL)
    await _kept_by_the_database(database, key, second, "reviewed_by", "approved_by")
    assert approver.person == third.person


async def test_who_reviewed_answers_no_objection(context: Context, database: Database) -> None:
    assessor, _, _ = await three()
    await also("government_head", "assessor", "460100")
    reviewer = await actor("government_head")
    key, entry = await _objected(context, assessor)
    await settling.review(reviewer, key, APRIL)
    assert "answer" not in (await assessing.read_assessment(reviewer, key))["allowed"]
    async with refused("same_person", Forbidden):
        await answer(reviewer, key, entry, Saying("监控显示未说明。"), APRIL)
    app = await asyncpg.connect(database.app)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="answers no objection"):
            await app.execute("UPDATE assessment_objections SET answered_by = $1", reviewer.person)
    finally:
        await app.close()
    await answer(assessor, key, entry, Saying("监控显示未说明。"), APRIL)


async def _kept_by_the_database(database: Database, key: UUID, who: Actor, *columns: str) -> None:
    app = await asyncpg.connect(database.app)
    try:
        for column in columns:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="neither reviews nor approves"):
                await app.execute(f"UPDATE assessments SET {column} = $2 WHERE id = $1", key, who.person)
    finally:
        await app.close()


async def test_what_could_never_be_printed_is_neither_registered_nor_handed_on(
    context: Context, tmp_path: Path
) -> None:
    for face in ("NotoSerifSC_400Regular.ttf", "NotoSerifSC_700Bold.ttf", "NotoSerif_400Regular.ttf"):
        (tmp_path / face).symlink_to(FACES / face)
    context.settings = context.settings.model_copy(update={"faces_dir": tmp_path})
    assessor, reviewer, approver = await three()
    for changes in ({"contractor": "示例𠮷祥公司"}, {"number": "HK-𠮷"}):
        async with refused("character_without_face"):
            await contract_of(context, assessor, **changes)
    key = await opened_month(context, assessor)
    await searching.search(context, assessor, key, APRIL)
    for late in await entries_of(key):
        await settle(assessor, key, late["id"], Settling(confirmed=True), APRIL)
    rare = UUID((await enter(assessor, key, Entering("3-23", 1, "𠮷先生反映。"), APRIL))["entry"])
    async with refused("character_without_face"):
        await settling.submit(context, assessor, key, APRIL)
    await settle(assessor, key, rare, Settling(confirmed=False, reason="改用常用字另行登记"), APRIL)
    await settling.submit(context, assessor, key, APRIL)
    await settling.review(reviewer, key, APRIL)
    named = replace(approver, name="示例𠮷")
    async with refused("character_without_face"):
        await settling.approve(context, named, key, APRIL)
    await settling.approve(context, approver, key, APRIL)
