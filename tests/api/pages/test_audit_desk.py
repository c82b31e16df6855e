"""The auditor's desk in a browser: a sample, a record, a finding; the department answers it; who looked is seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
from litestar import Litestar

from api.state import context_of
from engine.projecting import project
from tests.api.hall import Clock
from tests.api.pages.browser import Browser
from tests.api.pages.test_custody import usable
from tests.databases import Database
from tests.factories import Story, firm, open_story, person

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


async def test_an_auditor_works_through_the_desk_by_buttons(at_desk: At, case_in: Bring, clock: Clock) -> None:
    granted, noticed = await case_in("GRANTED", who=person(1)), await case_in("CORRECTION", who=firm(2))
    await project(seconds=30)
    clock.now += timedelta(days=1)
    auditor, officer = await at_desk("auditor"), await at_desk("officer")
    page = await auditor.open(f"/audit?case={granted.number}")
    usable(page)
    assert granted.number in page.text
    assert "准予许可" in page.html[page.html.index("<tbody>") :]
    assert "示例1" not in page.text
    who = person(1)
    page = await auditor.send(page.form("/audit/parties"), id_number=who.id_number, purpose="核查信访事项")
    assert granted.number in page.text
    assert who.id_number not in str(page.answer.url)
    page = await auditor.open("/audit/samples")
    page = await auditor.send(
        page.form("/audit/samples"), purpose="例行抽查", seed="一", size="1", dated="opened", item="无"
    )
    assert (page.answer.status_code, page.form("/audit/samples").value("seed")) == (422, "一")
    usable(page)
    page = await auditor.send(page.form("/audit/samples"), method="weighted", strata="department", item="")
    assert "结果一致" in page.text, page.text
    usable(page)
    page = await auditor.open(f"/audit/cases/{noticed.number}")
    usable(page)
    assert f'id="e{(await noticed.row())["head_seq"]}"' in page.html
    page = await auditor.send(page.form("/unmask"), field="mobile", why="核对")
    assert "请写明原因" in page.text
    page = await auditor.send(page.form("/unmask"), field="id_number", why="核对联系方式")
    assert firm(2).id_number in page.text
    typed = {"article": "行政许可法32(1)(4)", "text": "告知内容不完整。", "seq": "99"}
    page = await auditor.send(page.form("/findings"), **typed)
    assert "没有这一事件" in page.text
    page = await auditor.send(page.form("/findings"), seq="3", severity="major")
    usable(page)
    assert "F2026-00001" in page.text
    address = "/audit/findings/F2026-00001"
    page = await officer.open("/audit/findings")
    assert "告知内容不完整" in page.text
    usable(page)
    page = await officer.send((await officer.open(address)).form("/steps/answer"), text="已补充告知。")
    assert "已答复" in page.text
    page = await auditor.open(address)
    usable(page)
    page = await auditor.send(page.form("/steps/accept"), text="说明成立。")
    assert "已采纳说明" in page.text
    await _in_both_languages(auditor, granted.number)
    assert noticed.number in (await auditor.open("/audit/anomalies?list=unmasked_without_act")).text
    looks = await (await at_desk("security_admin")).open("/audit/looks?person=auditor")
    assert "核对联系方式" in looks.text
    assert (await officer.open("/audit")).answer.status_code == 403


async def test_a_verification_says_what_was_checked_what_was_not_and_what_to_do(
    app: Litestar, at_desk: At, clock: Clock, database: Database
) -> None:
    story = await open_story(context_of(app))
    clock.now = story.now
    auditor = await at_desk("auditor")
    record = await auditor.open(f"/audit/cases/{story.number}")
    assert "经过一览" in record.text
    page = await auditor.send(record.form("/verification"))
    usable(page)
    for words in ("没有发现不符", "核验了什么", "没有核验什么", "尚未由校验点封存", "不必相信本系统"):
        assert words in page.text, words
    assert "不要办理、更正或删除该办件" not in page.text
    assert "全面核验" in (await auditor.open(f"/audit/looks?case={story.number}")).text, "that it was done is logged"
    await _altered(database, story)
    page = await auditor.send((await auditor.open(f"/audit/cases/{story.number}")).form("/verification"))
    for words in ("发现 1 处不符", "内容与摘要不符，被改动过", "altered", "不要办理、更正或删除该办件", "取证据包"):
        assert words in page.text, words
    await auditor.open("/language/en")
    page = await auditor.send((await auditor.open(f"/audit/cases/{story.number}")).form("/verification"))
    assert "Does not fit: 1" in page.text
    assert "What a break means" in page.text
    supervisor = await at_desk("supervisor")
    record = await supervisor.open(f"/audit/cases/{story.number}")
    assert "/verification" not in record.html, "a supervisor reads the record; the proof is the auditor's"


async def _altered(database: Database, story: Story) -> None:
    """What only who has all rights on the server can do: an event is written over."""
    connection = await asyncpg.connect(database.superuser)
    try:
        await connection.execute("SET session_replication_role = replica")
        case = "case_id = (SELECT id FROM cases WHERE number = $1)"
        await connection.execute(f"UPDATE events SET actor_name = '别人' WHERE seq = 1 AND {case}", story.number)
    finally:
        await connection.close()


async def test_a_finding_out_of_a_sample_names_it_and_waits_on_the_pages_of_who_answers(
    at_desk: At, case_in: Bring, clock: Clock
) -> None:
    story = await case_in("GRANTED", who=person(1))
    await project(seconds=30)
    clock.now += timedelta(days=1)
    auditor = await at_desk("auditor")
    page = await auditor.open("/audit/samples")
    page = await auditor.send(page.form("/audit/samples"), purpose="例行抽查", seed="一", size="1")
    (address,) = [tags["href"] for tag, tags in page.elements if tag == "a" and story.number in tags["href"]]
    page = await auditor.open(address)
    due = f"{clock.now + timedelta(days=2):%Y-%m-%d}"
    typed = {"article": "行政许可法32(1)(4)", "text": "告知内容不完整。", "due_on": due}
    page = await auditor.send(page.form("/findings"), **typed)
    assert '<a href="/audit/samples/' in page.html
    officer, other, manager = await at_desk("officer"), await at_desk("officer.health"), await at_desk("hall_manager")
    waits = "审计发现待答复 1 项"
    assert waits in (await officer.open("/department")).text
    assert waits not in (await other.open("/department")).text
    assert waits not in (await manager.open("/board")).text, "the department answers, not the hall"
    clock.now += timedelta(days=5)
    officer = await at_desk("officer")
    page = await officer.open("/department")
    assert "已过答复期限" in page.text
    page = await officer.open("/audit/findings?state=open")
    assert story.number in page.text
    await officer.send((await officer.open("/audit/findings/F2026-00001")).form("/steps/answer"), text="已补充。")
    assert waits not in (await officer.open("/department")).text


async def _in_both_languages(auditor: Browser, number: str) -> None:
    addresses = (
        "/audit/events", "/audit/events?name=case:receive", "/audit/anomalies", "/audit/looks?person=auditor",
        "/audit/anomalies?list=unmasked_without_act", "/audit/findings?state=accepted", "/audit/events?reason=a",
    )  # fmt: skip
    for language in ("en", "zh"):
        await auditor.open(f"/language/{language}")
        for address in (*addresses, f"/audit/cases/{number}"):
            page = await auditor.open(address)
            usable(page)
            assert page.answer.status_code == (422 if "reason=a" in address else 200), page.text
