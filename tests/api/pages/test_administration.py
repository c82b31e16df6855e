"""Three administrators apart: accounts, roles, looking on; and the stewards' calendars, pictures and webhooks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

from litestar import Litestar

from api.rest.cursors import FeedPlace, write_cursor
from api.state import context_of
from storage import alarms, outbox
from storage.db import reading, transaction
from storage.feed import START
from tests.api.hall import Clock
from tests.api.pages.browser import Browser, Page
from tests.conftest import PASSWORD
from tests.factories import Story
from tests.people import also

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


def shown(page: Page) -> str:
    """The secret that a page shows."""
    return page.html.partition('<code class="code">')[2].partition("</code>")[0]


async def do(browser: Browser, page: Page, name: str, **typed: str) -> Page:
    form = next(form for form in page.forms if form.value("act") == name)
    return await browser.send(form, **typed)


async def test_an_account_is_opened_by_one_given_its_role_by_another_and_closed(at_desk: At, clock: Clock) -> None:
    system, security, auditor = await at_desk("system_admin"), await at_desk("security_admin"), await at_desk("auditor")
    page = await system.open("/people")
    page = await system.send(page.form("/people"), login="Wrong login", name="示例新")
    assert page.answer.status_code == 422
    assert page.form("/people").value("name") == "示例新"
    assert (await system.send(page.form("/people"), login="clerk", name="示例新")).answer.status_code == 409
    page = await system.send(page.form("/people"), login="new.clerk", name="<b>示例新</b>")
    password = shown(page)
    assert password.startswith("Yc-")
    assert "<b>" not in page.html.partition("</header>")[2]
    assert "无岗位" in (await system.open("/people?text=new.clerk")).text
    assert not [form for form in page.forms if form.value("act") == "grant"]

    newcomer = await at_desk()
    await newcomer.sign_in("new.clerk", password)
    assert "综合窗口受理员" not in (await newcomer.open("/")).text
    assert (await newcomer.open("/people")).answer.status_code == 403

    page = await security.open("/people/new.clerk")
    assert not [form for form in page.forms if form.value("act") in {"deactivate", "reset_password"}]
    refused = await do(security, page, "grant", role="clerk", organisation="nowhere")
    assert refused.answer.status_code == 404
    assert [values["class"] for _, values in refused.elements if "wrong" in values.get("class", "")] == ["field wrong"]
    page = await do(security, page, "grant", role="clerk", organisation="hall")
    assert "岗位已授予" in page.text
    assert (await do(security, page, "grant", role="clerk", organisation="hall")).answer.status_code == 409
    refused = await do(security, page, "grant", role="auditor", organisation="460000")
    assert refused.answer.status_code == 409
    assert "不得由同一人担任" in refused.text
    assert "GB/T 22239" in refused.text
    assert (await newcomer.open("/cases/new")).answer.status_code == 200

    page = await do(system, await system.open("/people/new.clerk"), "reset_password")
    again = shown(page)
    assert again not in {password, ""}
    assert "登录" in (await newcomer.open("/")).text
    await newcomer.sign_in("new.clerk", again)
    page = await do(system, await system.open("/people/new.clerk"), "deactivate")
    assert "已停用" in page.text
    assert (await newcomer.open("/")).form("/sign-in")
    assert (await newcomer.sign_in("new.clerk", again)).answer.status_code == 401
    page = await do(system, page, "activate")
    page = await do(security, await security.open("/people/new.clerk"), "take_away")
    assert "岗位已收回" in page.text

    page = await auditor.open("/people/new.clerk")
    assert [form.action for form in page.forms if form.action.startswith("/people")] == []
    async with reading() as connection:
        told = await connection.fetch("SELECT action FROM access_log WHERE subject LIKE 'person:%' ORDER BY id")
    assert [row["action"] for row in told] == [
        "account.add", "role.grant", "account.password", "account.deactivate", "account.activate", "role.take_away",
    ]  # fmt: skip


async def test_nobody_changes_their_own_account_and_no_administrator_becomes_another(at_desk: At) -> None:
    system, security = await at_desk("system_admin"), await at_desk("security_admin")
    page = await system.open("/people/security_admin")
    assert not [form for form in page.forms if form.value("act") == "reset_password"]
    token = page.form("/sign-out").value("csrf_token")
    answer = await system.http.post("/people/security_admin", data={"csrf_token": token, "act": "reset_password"})
    assert answer.status_code == 403
    assert "yichuang user password" in answer.text
    page = await security.open("/people/security_admin")
    assert "另一名管理员" in page.text
    token = page.form("/sign-out").value("csrf_token")
    sent = {"csrf_token": token, "act": "grant", "role": "clerk", "organisation": "hall"}
    assert (await security.http.post("/people/security_admin", data=sent)).status_code == 403
    sent = {"csrf_token": "wrong", "act": "grant", "role": "clerk", "organisation": "hall"}
    assert (await security.http.post("/people/clerk", data=sent)).status_code == 403
    assert (await security.open("/people/nobody.here")).answer.status_code == 404


async def test_an_administrator_of_a_hall_leaves_alone_who_has_powers_beyond_it(at_desk: At) -> None:
    system, security = await at_desk("system_admin"), await at_desk("security_admin")
    page = await system.send((await system.open("/people")).form("/people"), login="hall.admin", name="示例管")
    password = shown(page)
    await do(security, await security.open("/people/hall.admin"), "grant", role="system_admin", organisation="hall")
    await also("clerk2", "guide", "460100")
    below = await at_desk()
    await below.sign_in("hall.admin", password)
    page = await below.open("/people/clerk")
    assert [form for form in page.forms if form.value("act") == "reset_password"]
    page = await below.open("/people/clerk2")
    assert not [form for form in page.forms if form.value("act")]
    token = page.form("/sign-out").value("csrf_token")
    for name in ("reset_password", "deactivate"):
        answer = await below.http.post("/people/clerk2", data={"csrf_token": token, "act": name})
        assert answer.status_code == 403
        assert "上级系统管理员" in answer.text
    assert (await below.open("/people/officer")).answer.status_code == 404


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


async def test_everybody_changes_their_own_password_and_is_signed_out_elsewhere(at_desk: At) -> None:
    here, elsewhere = await at_desk("clerk"), await at_desk("clerk")
    form = (await here.open("/password")).form("/password")
    typed: dict[str, str | list[str]] = {"old": PASSWORD, "new": "Other-2026", "again": "Other-2026"}
    assert (await here.send(form, **typed | {"old": "Wrong-2026"})).answer.status_code == 403
    assert (await here.send(form, **typed | {"again": "Other-2027"})).answer.status_code == 422
    refused = await here.send(form, **typed | {"new": "easy", "again": "easy"})
    assert refused.answer.status_code == 422
    assert "easy" not in refused.html
    page = await here.send(form, **typed)
    assert "密码已更改" in page.text
    assert (await elsewhere.open("/")).form("/sign-in")
    assert (await elsewhere.sign_in("clerk")).answer.status_code == 401
    assert "我的待办" in (await elsewhere.sign_in("clerk", "Other-2026")).text
