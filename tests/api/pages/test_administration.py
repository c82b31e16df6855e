"""Three administrators apart: accounts, roles, looking on; and the stewards' calendars, pictures and webhooks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import resources
from uuid import uuid4

from litestar import Litestar

from api.rest.cursors import FeedPlace, write_cursor
from api.state import context_of
from storage import alarms, outbox
from storage.db import transaction
from storage.feed import START
from tests.api.hall import Clock
from tests.api.pages.browser import Browser, do, shown
from tests.factories import Story

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


async def test_a_token_is_shown_once_acts_and_is_revoked(at_desk: At) -> None:
    security = await at_desk("security_admin")
    page = await security.open("/tokens")
    form = page.form("/tokens")
    wanted: dict[str, str | list[str]] = {"name": "自助终端1号", "person": "clerk", "organisation": "hall", "days": "x"}
    refused = await security.send(form, role="clerk", **wanted)
    assert refused.answer.status_code == 422
    assert refused.form("/tokens").value("name") == "自助终端1号"
    page = await security.send(form, role="clerk", **wanted | {"days": "30"})
    token = shown(page)
    headers = {"Authorization": f"Bearer {token}"}
    assert (await security.http.get("/api/v1/me", headers=headers)).json()["grants"][0]["role"] == "clerk"
    page = await security.open("/tokens")
    assert token not in page.html
    page = await do(security, page, "revoke")
    assert "令牌已撤销" in page.text
    assert (await security.http.get("/api/v1/me", headers=headers)).status_code == 401
    assert "已撤销" in (await security.open("/tokens?ended=1")).text
    assert (await (await at_desk("system_admin")).open("/tokens")).answer.status_code == 403


async def test_somebody_stands_in_until_it_is_ended(at_desk: At) -> None:
    approver, delegate = await at_desk("approver"), await at_desk("approver2")
    page = await approver.open("/delegations")
    wanted: dict[str, str | list[str]] = {
        "person": "approver", "delegate": "approver2", "role": "approver", "organisation": "amr",
        "from_at": "2026-03-02T10:00", "until_at": "never", "reason": "年休假",
    }  # fmt: skip
    refused = await approver.send(page.form("/delegations"), **wanted)
    assert refused.answer.status_code == 422
    assert refused.form("/delegations").value("reason") == "年休假"
    page = await approver.send(page.form("/delegations"), **wanted | {"until_at": "2026-03-09T09:00"})
    assert "代理已登记" in page.text
    assert "2026年3月2日 10:00 至 2026年3月9日 09:00" in page.text
    page = await do(delegate, await delegate.open("/delegations"), "end")
    assert "代理已结束" in page.text
    assert "没有进行中或将要开始的代理" in page.text


async def test_failed_work_is_seen_and_tried_again(at_desk: At, clock: Clock) -> None:
    async with transaction() as connection:
        await outbox.add(connection, "render_document", {"document": str(uuid4())}, None, clock.now)
        await connection.execute("UPDATE outbox SET state = 'dead', error = 'no such <document>', attempts = 5")
        await alarms.sound(connection, "gateway_down", "sms", {"reason": "silent"}, clock.now)
    system = await at_desk("system_admin")
    page = await system.open("/dead-letters")
    for told in ("no such <document>", "render_document", "数据库", "正常"):
        assert told in page.text
    page = await system.send(page.form("/dead-letters"))
    assert "已重新排队" in page.text
    assert "没有失败任务" in page.text
    assert (await outbox.depths()).get("dead", 0) == 0
    page = await (await at_desk("auditor")).open("/alarms")
    assert "短信等网关不通" in page.text
    assert (await (await at_desk("clerk")).open("/dead-letters")).answer.status_code == 403
    assert (await (await at_desk("clerk")).open("/alarms")).answer.status_code == 403


async def test_a_flow_is_drawn_and_a_case_is_marked_in_it(at_desk: At, case_in: Bring) -> None:
    story = await case_in("REVIEW")
    officer = await at_desk("officer")
    page = await officer.open(f"/cases/{story.number}/flow")
    assert page.html.count('class="box open current"') == 1
    assert "▼ 现在" in page.text
    assert ("a", {"href": "#state-REVIEW"}) in page.elements
    ids = {values["id"] for _, values in page.elements if "id" in values}
    assert {values["href"][1:] for tag, values in page.elements if tag == "a" and values["href"].startswith("#")} <= ids
    stranger = await at_desk("officer.health")
    assert (await stranger.open(f"/cases/{story.number}/flow")).answer.status_code == 404
    page = await officer.open("/catalogue/flows/PERMIT/versions/2")
    assert "current" not in page.html.partition('<svg class="flow"')[2].partition("</svg>")[0]
    assert (await officer.open("/catalogue/flows/PERMIT/versions/999")).answer.status_code == 404


async def test_a_year_is_shown_in_months_with_what_its_correction_changed(at_desk: At, clock: Clock) -> None:
    steward = await at_desk("item_steward")
    page = await steward.open("/calendars/2026")
    assert "十月" in page.text
    assert "该年只有一个版本" in page.text
    async with transaction() as connection:
        key = await connection.fetchval(
            "INSERT INTO calendar_editions (id, year, version, source, published_on, loaded_at)"
            " SELECT uuidv7(), 2026, 2, '更正', published_on, $1 FROM calendar_editions WHERE year = 2026 RETURNING id",
            clock.now,
        )
        await connection.execute(
            "INSERT INTO calendar_days (id, edition_id, day, kind, name, name_en) SELECT uuidv7(), $1, d.day, d.kind,"
            " d.name, d.name_en FROM calendar_days d JOIN calendar_editions e ON e.id = d.edition_id"
            " WHERE e.year = 2026 AND e.version = 1 AND d.day <> '2026-10-01'",
            key,
        )
    page = await steward.open("/calendars/2026")
    assert "与第1版的差异 日期 原为 改为 节日 2026年10月1日 放假 工作日 国庆节" in page.text
    assert "该年只有一个版本" in (await steward.open("/calendars/2026/editions/1")).text
    assert (await steward.open("/calendars/1999")).answer.status_code == 404


async def test_a_department_is_told_told_again_and_told_no_more(app: Litestar, at_desk: At, case_in: Bring) -> None:
    context = context_of(app)
    context.settings = context.settings.model_copy(update={"webhook_networks": "127.0.0.0/8"})
    story = await case_in("REVIEW")
    steward = await at_desk("item_steward")
    page = await steward.open("/webhooks")
    wanted: dict[str, str | list[str]] = {"name": "<b>审批系统", "organisation": "amr", "url": "http://127.0.0.1/x"}
    refused = await steward.send(page.form("/webhooks"), **wanted)
    assert refused.answer.status_code == 422
    assert refused.form("/webhooks").value("name") == "<b>审批系统"
    page = await steward.send(page.form("/webhooks"), **wanted | {"url": "https://127.0.0.1:1/hook"})
    assert shown(page).startswith("yws_")
    assert "<b>审" not in page.html
    (link,) = {values["href"] for tag, values in page.elements if values.get("href", "").startswith("/webhooks/")}
    page = await steward.open(link)
    assert "没有推送记录" in page.text
    assert "yws_" not in page.html
    assert (await do(steward, page, "replay", place="nonsense")).answer.status_code == 422
    page = await do(steward, page, "replay", place=write_cursor(FeedPlace(*START)))
    assert "将补发" in page.text
    assert story.number in page.text
    async with transaction() as connection:
        await connection.execute("UPDATE webhook_deliveries SET state = 'dead', attempts = 8, error = 'refused'")
    page = await steward.open(f"{link}?state=dead")
    assert "refused" in page.text
    assert "已重新排队" in (await do(steward, page, "retry")).text
    assert "已恢复推送" in (await do(steward, page, "resume")).text
    assert (await (await at_desk("clerk")).open(link)).answer.status_code == 403
    page = await do(steward, page, "end")
    assert "推送地址已停用" in page.text
    assert (await steward.open(link)).answer.status_code == 404


async def test_a_year_is_tried_and_nothing_is_imported(at_desk: At) -> None:
    steward = await at_desk("item_steward")
    page = await steward.open("/calendars/trial")
    begun = page.form("/calendars/trial").value("text")
    assert 'name = "春节"' in begun
    refused = await steward.send(page.form("/calendars/trial"))
    assert refused.answer.status_code == 422
    assert "缺少这一项" in refused.text
    year = int(begun.partition("year = ")[2][:4])
    packaged = resources.files("workflows") / "calendars" / f"{year - 1}.toml"
    text = (
        packaged.read_text(encoding="utf-8")
        .replace("version = 1", "version = 2", 1)
        .replace("off = [2026-04-06]", "off = [2026-04-07]")
    )
    page = await steward.send(page.form("/calendars/trial"), text=text)
    assert "2026年第2版可以导入" in page.text
    assert "2026年4月6日 放假 工作日 清明节" in page.text
    assert "2026年4月7日 工作日 放假 清明节" in page.text
    taken = await steward.send(page.form("/calendars/trial"), text=text.replace("version = 2", "version = 1", 1))
    assert taken.answer.status_code == 409
    assert "更正请用第2版" in taken.text
    assert (await steward.open("/calendars/2026/editions/2")).answer.status_code == 404
    assert (await (await at_desk("auditor")).open("/calendars/trial")).answer.status_code == 403


async def test_a_version_offers_to_move_cases_to_it(at_desk: At) -> None:
    steward = await at_desk("item_steward")
    page = await steward.open("/moves?flow=PERMIT&flow_from=2&flow_to=3")
    form = page.form("/moves")
    assert (form.value("flow"), form.value("flow_from"), form.value("flow_to")) == ("PERMIT", "2", "3")
    refused = await steward.send(form, flow_to="99", reason="试")
    assert refused.answer.status_code == 404
    assert "没有已发布的流程“PERMIT”的第99版" in refused.text
    assert refused.form("/moves").value("flow_to") == "99"


async def test_a_version_of_an_item_is_read_in_words(at_desk: At) -> None:
    steward = await at_desk("item_steward")
    (item,) = {values["href"] for tag, values in (await steward.open("/catalogue")).elements
               if values.get("href", "").endswith("460110001000")}  # fmt: skip
    page = await steward.open(f"{item}/versions/1")
    for told in (
        "食品经营许可（新办） 第1版",
        "法定时限 10个工作日",
        "材料 M02“营业执照”",
        "复印件份数 1",
        "是否由代理人办理？",
    ):
        assert told in page.text
    assert "case_kind" not in page.html
    assert (await steward.open(f"{item}/versions/9")).answer.status_code == 404
