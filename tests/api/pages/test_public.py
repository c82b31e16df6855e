"""The applicant's pages: who is let in, what they see, which papers they take, how they rate, what an item asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from litestar import Litestar

from api.pages.texts import TEXTS
from api.state import context_of
from engine.committing import RENDER
from engine.jobs import run_row
from storage.db import reading
from tests.api.hall import Clock
from tests.api.pages.browser import Browser, Page, let_in
from tests.factories import FOOD, Story, firm, person
from workflows.clock import ClockKind
from workflows.flow import packaged_flows

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
FOUR = firm().id_number[-4:]
"""The invented firm leaves no telephone number, so that those of its document are asked for."""


async def shown(browser: Browser, story: Story, last_four: str = FOUR) -> Page:
    """What the applicant of a case sees."""
    return await let_in(browser, (await story.row())["query_code"], last_four)


async def print_papers(app: Litestar, clock: Clock) -> None:
    async with reading() as connection:
        rows = await connection.fetch("SELECT id FROM outbox WHERE topic = $1 AND state = 'waiting'", RENDER)
    for row in rows:
        await run_row(context_of(app), row["id"], clock)


async def test_the_code_alone_shows_nothing_and_both_show_where_it_is(at_desk: At, case_in: Bring) -> None:
    story = await case_in("ACCEPTED")
    row = await story.row()
    applicant = await at_desk()
    page = await applicant.open(f"/status/{row['query_code']}")
    assert page.answer.status_code == 200
    assert FOOD.name not in page.text
    assert page.form("/status").value("code") == row["query_code"]
    page = await shown(applicant, story)
    assert str(page.answer.url).endswith(f"/status/{row['query_code']}")
    for words in (FOOD.name, "已经受理，马上交给部门审查。", "不用做什么，等结果。", "承诺办理期限，2026年3月9日截止"):
        assert words in page.text, words
    assert row["applicant"]["name"] not in page.text
    assert [values["class"] for tag, values in page.elements if "aria-current" in values and tag == "li"] == ["now"]
    await applicant.open("/language/en")
    page = await applicant.open(f"/status?code=%20{row['query_code'].lower()}")
    for words in (FOOD.name_en, "Promised time limit, until 2026-03-09", "Nothing; wait for the result."):
        assert words in page.text, words
    page = await applicant.send(page.form("/status/leave"))
    assert FOOD.name_en not in (await applicant.open(f"/status/{row['query_code']}")).text


async def test_a_wrong_answer_does_not_say_what_was_wrong_and_is_counted(
    at_desk: At, case_in: Bring, clock: Clock
) -> None:
    story = await case_in("ACCEPTED")
    code = (await story.row())["query_code"]
    stranger = await at_desk()
    form = (await stranger.open("/status")).form("/status")
    wrong = await stranger.send(form, code=code, last_four="9999")
    unknown = await stranger.send(form, code="AAAAAAAAAAAA", last_four=FOUR)
    assert wrong.answer.status_code == unknown.answer.status_code == 404
    assert wrong.text == unknown.text
    assert wrong.form("/status").value("code") == code
    assert "last_four" in wrong.form("/status").names
    assert "9999" not in wrong.html
    for known in (code, "AAAAAAAAAAAA"):
        for _ in range(4):
            await stranger.send(form, code=known, last_four="9999")
        locked = await stranger.send(form, code=known, last_four=FOUR)
        assert locked.answer.status_code == 429, known
        assert "该查询码查询失败次数过多，请30分钟后再试" in locked.text
    clock.advance(minutes=31)
    assert FOOD.name in (await stranger.send(form, code=code, last_four=f" {FOUR[:2].lower()} {FOUR[2:]}")).text
    async with reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM status_attempts") == 1
        assert await connection.fetchval("SELECT count(*) FROM access_log WHERE action = 'status.read'") == 1


async def test_a_code_is_understood_however_it_is_typed_or_scanned(at_desk: At, case_in: Bring) -> None:
    story = await case_in("ACCEPTED")
    code = (await story.row())["query_code"]
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code.lower())
    for typed in (f"{wide[:4]} {wide[4:]}", code.replace("0", "o"), f"http://hall.test/status/{code}/rating"):
        applicant = await at_desk()
        form = (await applicant.open("/status")).form("/status")
        page = await applicant.send(form, code=typed, last_four=FOUR)
        assert FOOD.name in page.text, typed
        assert str(page.answer.url).endswith(f"/status/{code}")


async def test_what_is_wrong_is_said_beside_its_field_and_that_has_the_focus(at_desk: At) -> None:
    applicant = await at_desk()
    form = (await applicant.open("/status")).form("/status")
    for name, typed in (
        ("code", {"code": "ABC", "last_four": "1234"}),
        ("last_four", {"code": "A" * 12, "last_four": "12"}),
    ):
        page = await applicant.send(form, **typed)
        assert page.answer.status_code == 422
        (field,) = [values for _, values in page.elements if "autofocus" in values]
        assert field["name"] == name
        assert field["aria-invalid"] == "true"
        assert f"{name}_wrong" in str(field["aria-describedby"]).split()
        assert page.form("/status").value("code") == typed["code"]


async def test_an_applicant_reads_by_when_and_whom_to_call(at_desk: At, case_in: Bring, clock: Clock) -> None:
    reviewed, ready = await case_in("ACCEPTED"), await case_in("READY", who=firm(2))
    page = await shown(await at_desk(), reviewed)
    for words in ("最晚2026年3月9日作出决定。", "到哪里、问谁", "0898-00000001", "0898-00000004", "08:30–12:00"):
        assert words in page.text, words
    clock.now = reviewed.now + timedelta(days=30)
    page = await shown(await at_desk(), reviewed)
    assert "本来应在2026年3月9日前办到，已经超过了" in page.text
    page = await shown(await at_desk(), ready, firm(2).id_number[-4:])
    assert "以前来领；过了这天也还可以领。" in page.text


async def test_an_address_is_tried_from_so_often_and_no_more(at_desk: At) -> None:
    stranger = await at_desk()
    form = (await stranger.open("/status")).form("/status")
    answers = [await stranger.send(form, code="AAAA", last_four=FOUR) for _ in range(21)]
    assert [page.answer.status_code for page in answers] == [422] * 20 + [429]
    answer = await stranger.http.get("/public/cases/AAAAAAAAAAAA")
    assert answer.status_code == 429


async def test_who_left_a_telephone_number_is_asked_for_that(at_desk: At, case_in: Bring) -> None:
    applicant = person(3)
    story = await case_in("RECEIVED", who=applicant)
    browser = await at_desk()
    assert FOOD.name not in (await shown(browser, story, applicant.id_number[-4:])).text
    assert FOOD.name in (await shown(browser, story, "１２３４")).text


async def test_the_pass_is_for_one_code_and_some_minutes(at_desk: At, case_in: Bring, clock: Clock) -> None:
    mine, other = await case_in("RECEIVED"), await case_in("RECEIVED", who=person(2))
    browser = await at_desk()
    await shown(browser, mine)
    code = (await mine.row())["query_code"]
    assert FOOD.name in (await browser.open(f"/status/{code}")).text
    assert FOOD.name not in (await browser.open(f"/status/{(await other.row())['query_code']}")).text
    clock.advance(minutes=16)
    assert FOOD.name not in (await browser.open(f"/status/{code}")).text
    browser.http.cookies.set("yc_status", "99999999999.AAAAAAAAAAAAAAAAAAAAAA", path="/status")
    assert FOOD.name not in (await browser.open(f"/status/{code}")).text


async def test_a_hall_may_ask_for_the_code_alone_and_then_shows_no_pickup_code(
    app: Litestar, at_desk: At, case_in: Bring
) -> None:
    story = await case_in("READY")
    context = context_of(app)
    app.state.context = replace(context, settings=context.settings.model_copy(update={"status_asks_phone": False}))
    anybody = await at_desk()
    assert "last_four" not in (await anybody.open("/status")).form("/status").names
    page = await anybody.open(f"/status/{(await story.row())['query_code']}")
    assert "可以来领" in page.text
    assert "取件码" not in page.text
    unknown = await anybody.open("/status/AAAAAAAAAAAA")
    assert unknown.answer.status_code == 404


async def test_what_to_bring_is_listed_with_how_to_get_it(at_desk: At, case_in: Bring) -> None:
    story = await case_in("CORRECTION")
    page = await shown(await at_desk(), story)
    async with reading() as connection:
        (line,) = await connection.fetch("SELECT * FROM notice_lines")
    assert "把下面的材料补齐" in page.text
    assert line["how_to_obtain"] in page.text
    assert line["requirement"] in page.text
    assert "最晚 " in page.text
    new = await shown(await at_desk(), await case_in("NEW", who=person(2)), "1234")
    assert "食品经营许可申请书 原件 1 份" in new.text


async def test_the_pickup_code_and_the_papers_are_the_applicants(
    app: Litestar, at_desk: At, case_in: Bring, clock: Clock
) -> None:
    story = await case_in("READY")
    await print_papers(app, clock)
    code = (await story.row())["query_code"]
    applicant, stranger = await at_desk(), await at_desk()
    page = await shown(applicant, story)
    assert "可以来领" in page.text
    assert any(len(words.strip()) == 6 and words.strip().isdecimal() for words in page.words)
    papers = [values["href"] for tag, values in page.elements if tag == "a" and "/documents/" in values["href"]]
    assert len(papers) >= 2
    assert "准予决定书" not in page.text
    answer = await applicant.http.get(papers[0])
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["Cache-Control"] == "no-store"
    async with reading() as connection:
        role = await connection.fetchval("SELECT role FROM events WHERE name = 'document:printed'")
        decision = await connection.fetchval("SELECT number FROM documents WHERE code = 'D15'")
    assert role == "applicant"
    assert (await applicant.http.get(f"/status/{code}/documents/{quote(decision)}")).status_code == 403
    assert (await stranger.http.get(papers[0])).status_code == 404


async def test_a_rating_says_words_and_no_name_and_is_thanked_for_once(at_desk: At, case_in: Bring) -> None:
    story = await case_in("DELIVERED")
    code = (await story.row())["query_code"]
    applicant = await at_desk()
    page = await applicant.open(f"/status/{code}/rating")
    assert [values["value"] for _, values in page.elements if values.get("name") == "level"] == list("12345")
    assert "1个工作日内给您打电话" in page.text  # shown by the style sheet to who is dissatisfied
    page = await applicant.send(page.form("/rating"), comment="谢谢")
    assert page.answer.status_code == 422
    assert page.form("/rating").value("comment") == "谢谢"
    form = page.form("/rating")
    page = await applicant.send(form, level="1", tags=["quick", "one_visit"], comment="谢谢")
    assert "评价收到了，谢谢您。" in page.text
    async with reading() as connection:
        assert await connection.fetchval("SELECT comment FROM ratings") == "【匿名评价】【办得快】【只跑一次】谢谢"
    page = await applicant.send(form, level="5", tags=[])
    assert page.answer.status_code == 409
    assert (await applicant.send(form, level="5", tags=["nonsense"])).answer.status_code == 422
    assert (await applicant.open("/status/AAAAAAAAAAAA/rating")).answer.status_code == 404


async def test_whoever_comes_too_early_or_too_late_to_rate_is_told(at_desk: At, case_in: Bring, clock: Clock) -> None:
    early, late = await case_in("ACCEPTED"), await case_in("DELIVERED", who=firm(2))
    applicant = await at_desk()
    page = await applicant.open(f"/status/{(await early.row())['query_code']}/rating")
    assert "还没有办完" in page.text
    clock.now = late.now + timedelta(days=31)
    page = await applicant.open(f"/status/{(await late.row())['query_code']}/rating")
    assert "评价的时间到" in page.text
    assert not [form for form in page.forms if form.action.endswith("/rating")]


async def test_anybody_finds_what_an_item_asks_for(at_desk: At) -> None:
    anybody = await at_desk()
    page = await anybody.open("/guide/items?text=spjy")
    assert FOOD.name in page.text
    for words, name in (("我要开饭店", FOOD.name), ("社保卡", "社会保障卡申领"), ("restaurant", FOOD.name)):
        assert name in (await anybody.open(f"/guide/items?text={words}")).text, words
    part = await anybody.http.get("/guide/items?text=不存在的事", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "没有找到" in part.text
    page = await anybody.open(f"/guide/items/{FOOD.code}")
    for words in (
        "食品经营许可申请书",
        "5个工作日（法律规定最长10个工作日）",
        "不收费",
        "示例市政务服务中心",
        "08:30–12:00",
    ):
        assert words in page.text, words
    assert "授权委托书" not in page.text
    assert "授权委托书" in (await anybody.open(f"/guide/items/{FOOD.code}?answered=1&situation=agent")).text
    refused = await anybody.open(f"/guide/items/{FOOD.code}?situation=nonsense")
    assert refused.answer.status_code == 409
    assert (await anybody.open("/guide/items/nothing")).answer.status_code == 404
    await anybody.open("/language/en")
    assert "at most 10 working day(s) by law" in (await anybody.open(f"/guide/items/{FOOD.code}")).text


def test_every_limit_has_plain_words() -> None:
    assert {f"by.{kind}" for kind in ClockKind} - set(TEXTS) == set()


def test_every_state_has_plain_words() -> None:
    states = {state.name: state.holder for flow in packaged_flows().values() for state in flow.states.values()}
    asked = {f"{group}.{name}" for name in states for group in ("where", "todo")}
    assert (asked | {f"hands.{holder}" for holder in states.values()}) - set(TEXTS) == set()
