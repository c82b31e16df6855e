"""The whole law on the pages: what comes next, what lies beside the way, cards, duties, many cases at once, ratings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from litestar import Litestar

from api.state import context_of
from engine.timing import fire_case
from tests.api.hall import Clock
from tests.api.pages.browser import Browser, let_in
from tests.factories import START, Story, firm, open_story, person
from workflows.events import Act

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


async def test_a_clerk_sees_at_once_what_becomes_of_a_received_case(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    page = await (await at_desk("clerk")).open(f"/cases/{story.number}")
    first = page.html.partition('id="further"')[0]
    for act in ("accept", "give_notice", "escalate"):
        assert f'id="action-{act}"' in first, act
    assert 'id="waiting-accept_with_tolerance"' in first
    assert first.index('id="action-accept"') < first.index('id="action-correct_on_spot"')
    behind = page.html.partition('id="further"')[2]
    for act in ("mark_priority", "offer_handover", "withdraw"):
        assert f'id="action-{act}"' in behind, act
    assert '<details class="further" id="further">' in page.html
    for nobodys in ("deem_accepted", "invite_rating", "raise_card"):
        assert nobodys not in page.html


async def test_what_lies_beside_the_way_is_opened_when_it_was_refused(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    browser = await at_desk("clerk")
    page = await browser.open(f"/cases/{story.number}")
    page = await browser.send(page.form("/actions/withdraw"), reason="不再经营")
    assert page.answer.status_code == 409
    assert '<details class="further" id="further" open>' in page.html
    assert page.form("/actions/withdraw").value("reason") == "不再经营"


async def test_nothing_is_offered_for_which_there_is_nothing_to_choose(at_desk: At, case_in: Bring) -> None:
    story = await case_in("REVIEW")
    page = await (await at_desk("officer")).open(f"/cases/{story.number}")
    for act in ("appeal_card", "record_statement"):
        assert f'id="action-{act}"' not in page.html
    assert 'id="action-tell_special"' in page.html
    assert '<option value="testing">检测</option>' in page.html
    for section in ("cards", "duties", "children", "procedures", "visits", "hints"):
        assert f'<section class="card" id="{section}">' not in page.html, section


async def test_an_overrun_shows_its_cards_and_what_is_owed_and_an_appeal_is_followed(
    app: Litestar, at_desk: At, case_in: Bring, clock: Clock
) -> None:
    story = await case_in("REVIEW")
    clock.now = START + timedelta(days=9)
    await fire_case(context_of(app), story.number, clock.now)
    officer = await at_desk("officer")
    page = await officer.open(f"/cases/{story.number}")
    assert "红牌 超过承诺期限 有效" in page.text
    assert "公开说明超期原因 待办" in page.text
    form = page.form("/actions/appeal_card")
    card = (await story.rows("cards", "seq"))[-1]["number"]
    page = await officer.send(form, card=card, reason="节假日系统停用")
    assert "已完成：申诉亮牌" in page.text
    assert "申诉中" in page.text
    page = await officer.send(page.form("/actions/explain_overdue"), explanation="因系统升级延误。")
    assert "公开说明超期原因 已办" in page.text
    supervisor = await at_desk("supervisor")
    board = await supervisor.open("/cards")
    assert story.number in board.text
    assert "超过承诺期限" in board.text
    page = await supervisor.open(f"/cases/{story.number}")
    page = await supervisor.send(page.form("/actions/lift_card"), card=card, reason="情况属实")
    assert "已撤销" in page.text
    assert "情况属实" in page.text
    row = await story.row()
    public = await let_in(await at_desk(), row["query_code"], row["applicant"]["id_masked"][-4:])
    assert "因系统升级延误。" in public.text


async def test_the_board_is_for_those_who_watch_over_cards(at_desk: At) -> None:
    manager, clerk = await at_desk("hall_manager"), await at_desk("clerk")
    assert '"/cards"' in (await manager.open("/")).html
    assert "没有亮牌。" in (await manager.open("/cards?level=red")).text
    assert '"/cards"' not in (await clerk.open("/")).html
    refusal = await clerk.open("/cards")
    assert refusal.answer.status_code == 403
    assert "您的岗位不能查看亮牌清单" in refusal.text
    assert "翻页标记无效" in (await manager.open("/cards?cursor=x")).text


async def test_those_whom_the_law_serves_first_come_first_and_are_marked_in_words(at_desk: At, case_in: Bring) -> None:
    plain, first = await case_in("RECEIVED"), await case_in("RECEIVED", who=person(2))
    await first.go("clerk", Act.MARK_PRIORITY, group="elderly", evidence="居民身份证")
    clerk = await at_desk("clerk")
    page = await clerk.open("/")
    assert page.html.index(first.number) < page.html.index(plain.number)
    assert "优先：老年人" in page.text
    narrowed = await clerk.open("/cases?priority=yes")
    assert first.number in narrowed.text
    assert plain.number not in narrowed.text
    assert "优先：老年人" in (await clerk.open(f"/cases/{first.number}")).text


async def test_a_clerk_finds_the_cases_they_answer_for(app: Litestar, at_desk: At) -> None:
    mine, others = await open_story(context_of(app)), await open_story(context_of(app), by="clerk2", who=firm(2))
    clerk = await at_desk("clerk")
    page = await clerk.open("/cases?owner=me")
    assert mine.number in page.text
    assert others.number not in page.text
    assert "首问责任人 李明哲" in (await clerk.open(f"/cases/{mine.number}")).text


async def test_one_act_is_done_on_the_ticked_cases_with_a_result_for_each(at_desk: At, case_in: Bring) -> None:
    stories = [await case_in("RECEIVED", who=firm(n)) for n in (1, 2)]
    officer = await at_desk("officer")
    page = await officer.open("/cases?state=RECEIVED")
    ticked = [values["value"] for _, values in page.elements if values.get("name") == "case"]
    assert sorted(one.partition("@")[0] for one in ticked) == sorted(story.number for story in stories)
    await stories[0].go("officer", Act.ACCEPT)
    form = (await officer.open("/bulk?action=accept&" + "&".join(f"case={one}" for one in ticked))).form("/bulk/accept")
    form.fields = [(name, value) for name, value in form.fields if name != "case"]
    done = await officer.send(form, case=ticked)
    assert "办成 1 件，未办成 1 件" in done.text
    assert "办件已被他人更新" in done.text
    assert (await stories[1].row())["state"] == "ACCEPTED"
    again = await officer.send(form, case=ticked)
    assert "办成 1 件，未办成 1 件" in again.text


async def test_a_bulk_act_that_makes_no_sense_is_refused_in_words(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    officer = await at_desk("officer")
    assert "请至少选择一个办件" in (await officer.open("/bulk?action=accept")).text
    assert "该操作须逐件办理" in (await officer.open(f"/bulk?action=give_notice&case={story.number}@2")).text
    assert (await officer.open(f"/bulk?action=abolish&case={story.number}@2")).answer.status_code == 404
    form = (await officer.open(f"/bulk?action=accept&case={story.number}@2")).form("/bulk/accept")
    page = await officer.send(form, csrf_token="wrong")
    assert page.answer.status_code == 403
    form = (await officer.open(f"/bulk?action=accept&case={story.number}")).form("/bulk/accept")
    assert "未办成 1 件" in (await officer.send(form)).text
    assert (await story.row())["state"] == "RECEIVED"


async def test_what_was_told_at_pre_review_is_seen_by_who_prepares_the_notice(at_desk: At, case_in: Bring) -> None:
    story = await case_in("PRE_RETURNED")
    page = await (await at_desk("clerk")).open(f"/cases/{story.number}")
    assert "此前已告知申请人" in page.text
    assert "预审已告知" in page.text
    assert "未填写" in page.text


async def test_no_rating_is_sent_from_another_site(at_desk: At, case_in: Bring) -> None:
    story = await case_in("DELIVERED")
    code = (await story.row())["query_code"]
    applicant = await at_desk()
    answer = await applicant.http.post(
        f"/status/{code}/rating", data={"level": "5"}, headers={"Origin": "https://elsewhere.test"}
    )
    assert answer.status_code == 403
    assert "rated" not in (await story.row())["flags"]


async def test_the_english_page_of_an_overrun_is_whole(
    app: Litestar, at_desk: At, case_in: Bring, clock: Clock
) -> None:
    story = await case_in("REVIEW")
    clock.now = START + timedelta(days=9)
    await fire_case(context_of(app), story.number, clock.now)
    officer = await at_desk("officer")
    await officer.open("/language/en")
    page = await officer.open(f"/cases/{story.number}")
    for words in (
        "Red card The promised time has passed stands",
        "Public explanation of the overrun owed",
        "Messages (",
    ):
        assert words in page.text, words
