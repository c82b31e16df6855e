"""The issue counter in a browser: found by code, handed over together, signed, posted, followed up, made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote
from uuid import UUID

import pytest
from litestar import Litestar
from PIL import Image, ImageDraw

from api.state import context_of
from engine.issue.counter import pickup_code
from engine.issue.signed_slips import judge_signature
from storage import signatures
from tests.api.hall import Clock
from tests.api.pages.browser import Browser, Page
from tests.api.pages.test_custody import usable
from tests.factories import RECIPIENT, Story
from tests.mandates import agent_number

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
CARD = f"{RECIPIENT['name']}|男|汉|19491231|海南省海口市示例路1号|{RECIPIENT['id_number']}"
LISTS = ("/counter", "/counter/waiting", "/counter/waiting?long=1", "/counter/making", "/counter/parcels")


def drawing() -> bytes:
    """A stroke as the pad sends it."""
    image = Image.new("RGB", (1200, 400), "white")
    ImageDraw.Draw(image).line([(100, 300), (500, 80), (1000, 320)], fill="black", width=8)
    held = BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


async def find(who: Browser, text: str) -> Page:
    return await who.send((await who.open("/counter")).form("/counter/find"), text=text)


async def test_several_results_are_collected_with_one_code_and_signed_for(
    at_desk: At, case_in: Bring, app: Litestar, clock: Clock
) -> None:
    first, second, coming = await case_in("READY"), await case_in("READY"), await case_in("GRANTED")
    clock.now = max(one.now for one in (first, second, coming)) + timedelta(minutes=10)
    issuer = await at_desk("issuer")
    page = await find(issuer, "000000000000000000")
    assert page.answer.status_code in {404, 422}
    assert page.form("/counter/find").value("text") == "000000000000000000"
    code = await pickup_code(context_of(app), first.number)
    assert code
    other = await pickup_code(context_of(app), second.number)
    wrong = next(one for one in ("000000", "111111", "222222") if one not in {code, other})
    assert "没有凭该取件码待领的办件" in (await find(issuer, wrong)).text
    page = await find(issuer, f"{code[:3]} {code[3:]}")
    usable(page)
    assert code not in str(page.answer.url)
    assert {first.number, second.number, coming.number} <= set(page.text.split())
    form = page.form("/window")
    both = [value for name, value in form.fields if name == "case"]
    assert len(both) == 2
    page = await issuer.send(form, case=both, recipient__id_number="110105194912310021", recipient__name="示例经办人")
    assert page.answer.status_code == 422
    assert page.form("/window").value("recipient.id_number") == "110105194912310021"
    assert 'aria-invalid="true"' in page.html
    usable(page)
    page = await issuer.send(
        page.form("/window"), case=both, recipient__id_number=CARD, recipient__relation="legal_representative"
    )
    assert page.answer.status_code == 200, page.text
    assert f"已交付{RECIPIENT['name']}" in page.text
    usable(page)
    assert page.html.count("<svg") == 2  # one invitation for each case
    assert (await first.row())["state"] == (await second.row())["state"] == "DELIVERED"
    document = page.form("/counter/receipt/signature").value("document")
    page = await issuer.upload(page.form("/counter/receipt/signature"), "signature.png", drawing())
    assert "正在核验并存档签名" in page.text
    row = await signatures.newest(document)
    assert row is not None
    assert row["way"] == "pad"
    await judge_signature(context_of(app), UUID(str(row["id"])), lambda: clock.now)
    address = f"/counter/receipt?document={document}"
    page = await issuer.open(address)
    assert "签收已存档：签字板签名" in page.text
    usable(page)
    (shown,) = [values["src"] for tag, values in page.elements if tag == "img"]
    assert (await issuer.http.get(shown)).headers["Content-Type"] == "image/jpeg"
    part = await issuer.http.get(address, headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith("<section")
    for story in (first, second):
        assert "document:signed" in [f"{name}" for name in await names_of(story)]
        assert "签收签名存档" in (await issuer.open(f"/cases/{story.number}")).text


async def names_of(story: Story) -> list[str]:
    return [row["name"] for row in await story.rows("events", "seq")]


async def test_a_signature_that_cannot_be_read_is_asked_for_again_and_a_good_one_is_not_replaced(
    at_desk: At, case_in: Bring, app: Litestar, clock: Clock
) -> None:
    story = await case_in("READY")
    issuer, clerk = await at_desk("issuer"), await at_desk("clerk")
    page = await issuer.open(f"/counter/at/{story.number}")
    page = await issuer.send(
        page.form("/window"), recipient__id_number=RECIPIENT["id_number"], recipient__name=RECIPIENT["name"]
    )
    document = page.form("/counter/receipt/signature").value("document")
    form = page.form("/counter/receipt/signature")
    refused = await issuer.upload(form, "signature.png", b"no picture")
    assert refused.answer.status_code == 415
    assert "签收没有保存" in refused.text
    page = await issuer.upload(form, "signature.png", drawing()[:400])
    row = await signatures.newest(document)
    assert row is not None
    await judge_signature(context_of(app), row["id"], lambda: clock.now)
    page = await issuer.open(f"/counter/receipt?document={document}")
    assert "签名文件未通过核验，请重签" in page.text
    slip = next(one for one in page.forms if one.value("way") == "slip")
    await issuer.upload(slip, "slip.png", drawing())
    row = await signatures.newest(document)
    assert row is not None
    await judge_signature(context_of(app), row["id"], lambda: clock.now)
    assert "签收已存档：纸质回证扫描件" in (await issuer.open(f"/counter/receipt?document={document}")).text
    slip.fields = [(name, "another" if name == "key" else value) for name, value in slip.fields]
    again = await issuer.upload(slip, "slip.png", drawing())
    assert again.answer.status_code == 409
    assert "已存档，不得替换" in again.text
    assert (await names_of(story)).count("document:signed") == 1
    assert (await clerk.open("/counter")).answer.status_code == 200
    assert (await clerk.open(f"/counter/at/{story.number}")).answer.status_code == 403


async def test_a_result_is_made_put_on_a_shelf_followed_up_posted_and_comes_back(
    at_desk: At, case_in: Bring, clock: Clock
) -> None:
    story = await case_in("GRANTED")
    issuer = await at_desk("issuer")
    page = await issuer.open("/counter/making")
    usable(page)
    page = await issuer.send(page.form("/make_certificate"))
    page = await issuer.send(page.form("/mark_ready"), shelf="B-12")
    assert (await story.row())["state"] == "READY"
    assert "没有待制证" in page.text
    clock.now += timedelta(days=16)
    issuer, manager = await at_desk("issuer"), await at_desk("hall_manager")
    for language in ("en", "zh"):
        await issuer.open(f"/language/{language}")
        for address in (*LISTS, f"/counter/at/{story.number}", f"/counter/at/{story.number}?way=post"):
            usable(await issuer.open(address))
    page = await manager.open("/counter/waiting?long=1")
    assert {"B-12", "16"} <= set(page.text.split())
    assert not [form for form in page.forms if "renew" in form.action]
    page = await manager.send(page.form("/record_contact"), note="电话无人接听。")
    assert "已联系1次" in page.text
    assert "您可以查看" in (await manager.open(f"/counter/at/{story.number}")).text
    page = await issuer.open("/counter/waiting?shelf=B-12")
    assert "已办" in (await issuer.send(page.form("/renew_pickup_code"))).text
    page = await issuer.open(f"/counter/at/{story.number}?way=post")
    page = await issuer.send(page.form("/post"), waybill="EX123456789CN", carrier="示例速递")
    assert "装箱单" in page.text
    assert story.number in page.text
    usable(page)
    page = await issuer.open("/counter/parcels")
    usable(page)
    page = await issuer.send(page.form("/returned"), reason="查无此人")
    assert "结果重新待领" in page.text
    assert "邮件退回" in (await issuer.open("/counter/waiting")).text
    page = await issuer.open(f"/counter/at/{story.number}?way=post")
    page = await issuer.send(page.form("/post"), waybill="EX123456789CN", carrier="示例速递")
    assert page.answer.status_code == 409
    assert page.form("/post").value("carrier") == "示例速递"
    page = await issuer.send(page.form("/post"), waybill="EX123456780CN")
    page = await issuer.open("/counter/parcels")
    await issuer.send(page.form("/signed"), signed_by="示例前台")
    assert (await story.row())["state"] == "DELIVERED"
    assert (await manager.open("/counter/parcels/EX123456780CN")).answer.status_code == 200
    assert (await issuer.open("/counter/parcels/NONE")).answer.status_code == 404


@pytest.mark.parametrize("refused", [True, False])
async def test_a_denial_is_served_alone_or_left_with_a_witness(at_desk: At, case_in: Bring, *, refused: bool) -> None:
    story = await case_in("DENIED")
    issuer = await at_desk("issuer")
    page = await find(issuer, story.number)
    usable(page)
    if refused:
        page = await issuer.send(page.form("/window"), refused="on")
        assert page.answer.status_code == 409
        page = await issuer.send(page.form("/window"), witness="示例见证人")
        assert "签字板" not in page.text
        assert not [form for form in page.forms if form.action == "/counter/receipt/signature"]
    else:
        page = await issuer.send(page.form("/window"), recipient__id_number=CARD)
    assert (await story.row())["state"] == "DELIVERED", page.text


async def test_after_a_refusal_the_next_scan_goes_where_it_belongs(at_desk: At, case_in: Bring) -> None:
    story = await case_in("READY")
    issuer = await at_desk("issuer")
    assert f"/counter/at/{story.number}" in (await issuer.open("/counter/waiting")).html
    page = await find(issuer, "999999")
    assert [values["id"] for _, values in page.elements if "autofocus" in values] == ["text"]
    page = await find(issuer, story.number)
    typed = {"recipient__id_number": "110105194912310021", "recipient__name": "示例代领人"}
    page = await issuer.send(page.form("/window"), **typed)
    assert page.answer.status_code == 422
    assert [values["id"] for _, values in page.elements if "autofocus" in values] == ["id_number"]
    assert quote(f"/counter/at/{story.number}", safe="/") in page.html.partition('class="language"')[2][:200]
    mine = [values for tag, values in page.elements if tag == "a" and values.get("aria-current") == "page"]
    assert "/counter" in {values["href"] for values in mine}
    page = await issuer.send(page.form("/window"), recipient__id_number=agent_number(), recipient__relation="agent",
                             recipient__name="示例代领人")  # fmt: skip
    assert [values["id"] for _, values in page.elements if "autofocus" in values] == ["mandate"]
