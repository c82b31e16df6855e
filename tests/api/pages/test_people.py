"""Accounts and roles in a browser: three administrators apart, none of them the last to go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from storage.db import reading
from tests.api.hall import Clock
from tests.api.pages.browser import Browser, do, shown
from tests.conftest import PASSWORD
from tests.people import also

At = Callable[..., Awaitable[Browser]]


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
    assert [values["id"] for _, values in refused.elements if values.get("id", "").endswith("-wrong")] == [
        "organisation-wrong"
    ]
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


async def test_a_refused_field_is_told_beside_it_and_not_by_its_path(at_desk: At) -> None:
    system = await at_desk("system_admin")
    refused = await system.send((await system.open("/people")).form("/people"), login="Wang Xiao", name="示例新")
    assert refused.answer.status_code == 422
    assert "$.login" not in refused.text
    (marked,) = (values for _, values in refused.elements if values.get("aria-invalid") == "true")
    assert marked["id"] == "login"
    assert marked["aria-describedby"].split()[0] == "login-wrong"


async def test_the_last_auditor_stays_and_a_name_is_put_right(at_desk: At) -> None:
    system, security = await at_desk("system_admin"), await at_desk("security_admin")
    page = await do(system, await system.open("/people/auditor"), "deactivate")
    assert page.answer.status_code == 409
    assert "最后一名可登录的审计管理员" in page.text
    page = await do(security, await security.open("/people/auditor"), "take_away")
    assert page.answer.status_code == 409
    page = await do(system, await system.open("/people/clerk"), "rename", name="示例正")
    assert "姓名已更正" in page.text
    assert "示例正" in page.text
    assert (await do(system, page, "rename", name=" ")).answer.status_code == 422


async def test_who_is_locked_out_is_found_from_the_start_page_and_let_in(at_desk: At) -> None:
    for _ in range(5):
        await (await at_desk()).sign_in("clerk", "Wrong-2026")
    system = await at_desk("system_admin")
    page = await system.open("/")
    assert "因密码错误被锁定的账号 1" in page.text
    assert ("a", {"href": "/people?standing=locked"}) in page.elements
    page = await system.open("/people?standing=locked")
    assert ("a", {"href": "/people/clerk"}) in page.elements
    assert ("a", {"href": "/people/officer"}) not in page.elements
    page = await do(system, await system.open("/people/clerk"), "unlock")
    assert "锁定已解除" in page.text
    assert "因密码错误被锁定的账号 0" in (await system.open("/")).text
    assert (await (await at_desk()).sign_in("clerk", PASSWORD)).answer.status_code == 200
