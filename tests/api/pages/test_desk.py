"""The approver's pages without scripts: the department's tasks, the desk, a sample before signing, templates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.api.pages.browser import Browser
from tests.factories import FOOD, Story, firm
from workflows.events import Act

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


async def test_the_department_sees_what_waits_by_stage_and_item(at_desk: At, case_in: Bring) -> None:
    waiting = await case_in("DISPATCHED", who=firm(1))
    decided = await case_in("VERIFY", who=firm(2))
    officer, approver = await at_desk("officer"), await at_desk("approver")
    page = await officer.open("/department")
    assert waiting.number in page.text
    assert decided.number not in page.text
    assert "未签收" in page.text
    page = await approver.open("/department")
    assert decided.number in page.text
    assert waiting.number not in page.text
    assert "已分办 1" in page.text  # whoever passes cases on sees what waits for officers
    page = await approver.open("/department?stage=DISPATCHED")
    assert waiting.number in page.text
    assert any(values.get("value") == "reassign" for tag, values in page.elements if tag == "option")
    assert waiting.number in (await approver.open(f"/department?stage=DISPATCHED&item={FOOD.code}")).text
    assert "这里没有等待办理的办件" in (await approver.open("/department?stage=DISPATCHED&item=none")).text
    other = await at_desk("officer.hrss")
    assert waiting.number not in (await other.open("/department?stage=DISPATCHED")).text
    page = await (await at_desk("clerk")).open("/department")
    assert page.answer.status_code == 403
    assert "部门待办供" in page.text


async def test_cases_are_assigned_and_signed_in_together_with_a_result_for_each(at_desk: At, case_in: Bring) -> None:
    stories = [await case_in("DISPATCHED", who=firm(n)) for n in (1, 2)]
    ticked = [f"{story.number}@{(await story.row())['version']}" for story in stories]
    query = "&".join(f"case={one}" for one in ticked)
    approver = await at_desk("approver")
    page = await approver.open(f"/bulk?action=reassign&back=/department?stage=DISPATCHED&{query}")
    assert "（在办 0 件）" in page.text
    form = page.form("/bulk/reassign")
    form.fields = [(name, value) for name, value in form.fields if name != "case"]
    page = await approver.send(form, case=ticked, to="officer2", reason=" ")
    assert page.answer.status_code == 422
    assert "没有办理任何办件" in page.text
    assert page.form("/bulk/reassign").value("to") == "officer2"
    await stories[0].go("officer", Act.SIGN_IN)
    page = await approver.send(form, case=ticked, to="officer2", reason="工作量均衡")
    assert "办成 1 件，未办成 1 件" in page.text
    assert "审查中" in page.text  # what the one that was not done has come to
    again = next(values["href"] for tag, values in page.elements if values.get("href", "").startswith("/bulk?"))
    assert stories[0].number in again
    assert stories[1].number not in again
    page = await approver.send((await approver.open(again)).form("/bulk/reassign"), to="officer2", reason="工作量均衡")
    assert "办成 1 件，未办成 0 件" in page.text
    page = await (await at_desk("officer2")).open("/department")
    assert all(story.number in page.text for story in stories)


async def test_a_case_lies_beside_its_pages_and_a_refusal_keeps_what_was_typed(at_desk: At, case_in: Bring) -> None:
    story = await case_in("VERIFY")
    approver = await at_desk("approver")
    page = await approver.open(f"/cases/{story.number}/desk")
    assert page.answer.status_code == 200
    assert "该办件还没有可以查看的页面" in page.text or 'id="picture"' in page.html
    assert "拟准予" in page.text
    assert "由机关负责人批准" in page.text
    deny = page.form("/desk/actions/deny")
    page = await approver.send(deny, reason="布局不符合要求。", article=" ")
    assert page.answer.status_code == 422
    assert page.form("/desk/actions/deny").value("reason") == "布局不符合要求。"
    assert 'id="deny-article-wrong"' in page.html
    await story.go("reviewer", Act.ENDORSE, opinion="同意。")
    page = await approver.send(page.form("/desk/actions/deny"), article="食品安全法33")
    assert page.answer.status_code == 412
    assert page.form("/desk/actions/deny").value("reason") == "布局不符合要求。"
    page = await approver.send(page.form("/desk/actions/deny"))
    assert "已办：不予许可" in page.text
    assert "这一环节没有其他办件了" in page.text
    assert (await story.row())["state"] == "DENIED"


async def test_the_document_is_looked_at_before_it_is_signed(at_desk: At, case_in: Bring) -> None:
    story, other = await case_in("VERIFY", who=firm(1)), await case_in("VERIFY", who=firm(2))
    approver = await at_desk("approver")
    form = (await approver.open(f"/cases/{story.number}/desk")).form("/desk/actions/grant")
    form.action += "/sample"
    page = await approver.send(form, opinion="同意。")
    assert "文书样张（未签发）" in page.text
    assert page.html.count("data:image/png;base64,") >= 1
    assert (await story.row())["state"] == "VERIFY"
    signing = page.form("/desk/actions/grant")
    assert signing.value("opinion") == "同意。"
    page = await approver.send(signing)
    assert "已办：准予许可" in page.text
    assert f"下一件 {other.number}" in page.text
    assert page.answer.headers["Cache-Control"] == "no-store"


async def test_special_procedures_show_their_basis(at_desk: At, case_in: Bring) -> None:
    story = await case_in("REVIEW")
    page = await (await at_desk("officer")).open(f"/cases/{story.number}/desk")
    for kind in ("听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审"):
        assert f"{kind}（" in page.text
    assert "行政许可法45" in page.text
    assert page.form("/desk/actions/tell_special").value("planned_start") == "2026-03-02"


async def test_a_template_is_its_makers_and_is_put_into_an_opinion_by_choice(at_desk: At, case_in: Bring) -> None:
    story = await case_in("REVIEW")
    officer, colleague = await at_desk("officer"), await at_desk("approver")
    page = await officer.open("/opinion-templates")
    page = await officer.send(page.form("/opinion-templates"), title="齐全", text="好" * 501)
    assert page.answer.status_code == 422
    assert page.form("/opinion-templates").value("text") == "好" * 501
    page = await officer.send(page.form("/opinion-templates"), text="材料齐全，符合法定条件。", shared="yes")
    assert "模板已保存" in page.text
    page = await officer.send(page.form("/opinion-templates"), title="别的事项", text="不适用。", item="00000")
    assert page.answer.status_code == 404
    page = await officer.open(f"/cases/{story.number}/desk")
    template = next(values["value"] for tag, values in page.elements if values.get("data-words"))
    form = page.form("/desk/actions/submit_review")
    page = await officer.send(form, opinion="经审查，", insert="opinion", phrase__opinion=template)
    typed = page.form("/desk/actions/submit_review")
    assert typed.value("opinion") == "经审查，材料齐全，符合法定条件。"
    page = await officer.send(typed, proposal="grant")
    assert "已办：提交审查意见" in page.text
    page = await colleague.open("/opinion-templates")
    assert "部门共用" in page.text
    assert "change=" not in page.html
    foreign = page.form("/opinion-templates")
    foreign.action += f"/{template}"
    assert (await colleague.send(foreign, title="改", text="改")).answer.status_code == 404
    own = (await officer.open(f"/opinion-templates?change={template}")).form(template)
    assert "模板已修改" in (await officer.send(own, text="符合条件。")).text
    own = (await officer.open(f"/opinion-templates?change={template}")).form(template)
    assert "模板已删除" in (await officer.send(own, end="yes")).text
    assert "还没有模板" in (await colleague.open("/opinion-templates")).text
    assert (await (await at_desk("clerk")).open("/opinion-templates")).answer.status_code == 403


async def test_what_was_typed_is_kept_when_a_colleague_took_the_case_away(at_desk: At, case_in: Bring) -> None:
    story = await case_in("VERIFY")
    approver = await at_desk("approver")
    deny = (await approver.open(f"/cases/{story.number}/desk")).form("/desk/actions/deny")
    await story.go("reviewer", Act.SEND_BACK, reason="现场核查记录不全。")
    page = await approver.send(deny, reason="布局不符合要求。", article="食品安全法33")
    assert page.answer.status_code == 412
    assert "没有办成：不予许可" in page.text
    assert "退回承办" in page.text  # what the colleague did
    left = page.html.partition('id="left-over"')[2].partition("</div>\n")[2]
    assert "布局不符合要求。" in left
    assert "食品安全法33" in left


async def test_an_act_that_settles_nothing_else_can_be_looked_at_first(at_desk: At, case_in: Bring) -> None:
    story = await case_in("REVIEW")
    officer = await at_desk("officer")
    form = (await officer.open(f"/cases/{story.number}/desk")).form("/desk/actions/tell_special")
    form.action += "/sample"
    page = await officer.send(form, kind="expert_review", planned_end="2026-03-12", reason="需专家评审。")
    assert page.answer.status_code == 200
    assert "data:image/png;base64," in page.html


async def test_an_act_beside_the_way_keeps_its_reader_at_the_case(at_desk: At, case_in: Bring) -> None:
    story, other = await case_in("REVIEW", who=firm(1)), await case_in("REVIEW", who=firm(2))
    officer = await at_desk("officer")
    form = (await officer.open(f"/cases/{story.number}/desk")).form("/desk/actions/tell_special")
    page = await officer.send(form, kind="expert_review", planned_end="2026-03-12", reason="需专家评审。")
    (link,) = [values for _, values in page.elements if values.get("id") == "next-case"]
    assert link["href"] == f"/cases/{other.number}/desk"
    assert "autofocus" not in link
