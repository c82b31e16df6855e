"""Documents of no case: the information slip, the mandate to be signed, the ticket; made once, found by their code."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from io import BytesIO
from typing import Any

import msgspec
import pytest
from pypdf import PdfReader

from engine.consulting import Consulting, consult, preview_consultation
from engine.context import Context
from engine.documents.printing import open_printed
from engine.documents.slip_drafting import find_slip
from engine.jobs import run_row
from engine.mandates.mandate_forms import draw_form, preview_form
from engine.mandates.mandate_terms import Terms
from engine.mandates.mandating import Mandating, register_mandate
from engine.redress import Moving, Registering, move_impasse, preview_impasse, register_impasse
from storage.db import reading
from tests.engine.test_refusals import refused
from tests.engine.test_typesetting import squeezed
from tests.factories import FOOD, START, person, table_counts
from tests.mandates import agent_number, wish
from tests.people import actor
from workflows.errors import Conflict, NotFound
from workflows.impasse import ImpasseStep
from workflows.payload import Gap

LATER = START + timedelta(seconds=5)


@pytest.fixture(autouse=True)
def buckets(context: Context) -> None:
    """The three buckets of this test."""
    context.objects.ensure_buckets()


async def render(context: Context) -> None:
    """Do what the outbox holds for slips."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = 'slip.render' AND state = 'waiting'")
    for row in rows:
        assert await run_row(context, row["id"], lambda: LATER)


async def paper(context: Context, who: str, number: str) -> str:
    """What stands on the paper, as this person prints it."""
    found = await find_slip(context, await actor(who), number, LATER)
    with await open_printed(context, found) as stream:
        return text_of(bytes(await asyncio.to_thread(stream.read)))


def text_of(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


async def looks(number: str) -> int:
    """How often the access log says that a paper was printed."""
    async with reading() as connection:
        counted: int = await connection.fetchval(
            "SELECT count(*) FROM access_log WHERE subject = $1 AND action = 'document.print'", number
        )
    return counted


def terms(**changes: Any) -> Terms:
    """The terms of :func:`tests.mandates.wish`."""
    given = wish(**changes)
    return Terms(**{name: getattr(given, name) for name in Terms.__struct_fields__})


async def test_who_asks_at_the_window_is_given_a_slip_that_says_what_is_lacking(context: Context) -> None:
    line = FOOD.materials[0]
    gaps = [Gap(line.code, "未填写经营项目", "在窗口领取样表")]
    request = Consulting(FOOD.code, "开餐馆要什么材料？", "请按清单准备。", gaps, "13800001234")
    before = await table_counts()
    sample = text_of(await preview_consultation(context, await actor("guide"), request, START))
    assert "样稿DRAFT" in sample
    assert await table_counts() == before
    number = (await consult(context, await actor("guide"), request, START))["consultation"]
    async with refused("document_not_ready", Conflict):
        await find_slip(context, await actor("guide"), number, START)
    await render(context)
    text = await paper(context, "clerk", number)
    for said in (number, line.name, "未填写经营项目", "在窗口领取样表", "请按清单准备。", FOOD.name):
        assert squeezed(said) in text
    assert "13800001234" not in text
    first = await find_slip(context, await actor("clerk"), number, LATER)
    await render(context)
    assert await find_slip(context, await actor("clerk"), number, LATER) == first
    assert await looks(number) == 3
    for who in ("officer", "issuer", "supervisor"):
        async with refused("document_not_found", NotFound):
            await find_slip(context, await actor(who), number, LATER)


async def test_a_ticket_has_its_paper_when_it_is_registered_and_whole_when_it_is_filed(context: Context) -> None:
    handler, request = await actor("impasse_handler"), Registering("示例人", "跑了三次仍未办成。", "13800001234")
    assert "样稿DRAFT" in text_of(await preview_impasse(context, handler, request, START))
    number = (await register_impasse(context, handler, request, START))["impasse"]
    await render(context)
    assert "已登记" in await paper(context, "impasse_handler", number)
    async with refused("document_not_found", NotFound):
        await find_slip(context, await actor("officer"), number, LATER)
    steps = [("assign", "impasse_handler"), ("contact", "impasse_handler"), ("solve", "officer"),
             ("feed_back", "impasse_handler"), ("verify", "hall_manager"), ("file", "impasse_handler")]  # fmt: skip
    for step, who in steps:
        moving = Moving(f"已{step}。", "amr" if step == "assign" else None)
        await move_impasse(context, await actor(who), number, ImpasseStep(step), moving, START)
    await render(context)
    text = await paper(context, "officer", number)
    assert "已归档" in text
    assert all(f"已{step}。" in text for step, _ in steps)
    assert "13800001234" not in text


async def test_a_mandate_is_drawn_up_signed_and_registered_under_the_number_on_its_form(context: Context) -> None:
    clerk = await actor("clerk")
    assert "样稿DRAFT" in text_of(await preview_form(context, clerk, terms(), START))
    number = (await draw_form(context, clerk, terms(), START))["number"]
    await render(context)
    text = await paper(context, "agent", number)
    for said in (number, wish().matter, person().name, "领取结果", "2026年3月29日", "委托人（签字或者盖章）"):
        assert squeezed(said) in text
    assert agent_number() not in text
    assert person().id_number not in text
    wrong = {"until_on": wish().until_on + timedelta(days=1)}
    for code, changes in (("form_differs", wrong | {"form": number}), ("form_unknown", {"form": "示政服委〔2026〕9号"}),
                          ("signature_missing", {"form": number, "signed": False})):  # fmt: skip
        async with refused(code, Conflict):
            await register_mandate(context, clerk, wish(**changes), START)
    kept = await register_mandate(context, clerk, msgspec.structs.replace(wish(), form=number), START)
    assert kept["number"] == number
    async with refused("mandate_number_used", Conflict):
        await register_mandate(context, clerk, wish(form=number), START)
    assert (await register_mandate(context, clerk, wish(), START))["number"] != number
    assert isinstance(wish(), Mandating)
