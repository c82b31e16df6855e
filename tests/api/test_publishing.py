"""Publishing over HTTP and in a browser: two stewards, versions, what differs; and what is not taken."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.api.hall import FOOD, Caller, Clock, Unchanged, caller, refused
from tests.api.pages.browser import Browser
from tests.api.pages.conftest import at_desk
from tests.engine.stewards import LATER, next_food, text_of
from workflows.actor import Role
from workflows.flow import packaged_flows

__all__ = ["at_desk"]
PERMIT = packaged_flows()["PERMIT"]
HOSTILE = "<script>alert(1)</script>“&"
At = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def maker(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "item_steward", Role.item_steward, "460100", clock.now)


@pytest.fixture
async def checker(http: httpx.AsyncClient, clock: Clock) -> Caller:
    return await caller(http, "item_steward2", Role.item_steward, "460100", clock.now)


def proposal(**changes: Any) -> dict[str, Any]:
    return {"kind": "item", "text": text_of(next_food(**changes))}


async def test_two_systems_propose_compare_and_publish(maker: Caller, checker: Caller, clerk: Caller) -> None:
    keyed = {"headers": {"Idempotency-Key": "k1"}}
    answer = await maker.post("/api/v1/drafts", proposal(visits=0), **keyed)
    assert answer.status_code == 201, answer.text
    again = await maker.post("/api/v1/drafts", proposal(visits=0), **keyed)
    assert again.json() == answer.json()
    path = f"/api/v1/drafts/{answer.json()['draft']}"
    shown = (await checker.get(path)).json()
    assert (shown["before"], shown["problems"], shown["allowed"]) == (1, [], ["publish", "return"])
    (change,) = shown["changes"]
    assert (change["part"], change["field"], change["before"], change["after"]) == ("item", "visits", 1, 0)
    refused(await maker.post(f"{path}/publication"), 403, "same_person")
    refused(await clerk.get(path), 403, "role_not_allowed")
    published = await checker.post(f"{path}/publication", **keyed)
    assert published.json() == {"draft": answer.json()["draft"], "state": "published"}
    assert (await checker.post(f"{path}/publication", **keyed)).json() == published.json()
    items = f"/api/v1/items/{FOOD.code}/versions"
    rows = (await clerk.get(items)).json()["items"]
    assert [(row["version"], row["in_force_to"], row["state"]) for row in rows] == [
        (2, None, "coming"),
        (1, "2026-03-08", "in_force"),
    ]
    two = (await clerk.get(f"{items}/2")).json()
    assert (two["data"]["visits"], two["proposed_by"], two["digest"]) == (0, "朱晓岚", shown["digest"])
    told = (await clerk.get(f"{items}/1/difference/2")).json()
    assert [(one["zh"], one["en"]) for one in told["changes"]] == [
        ("事项：到场次数由“1”改为“0”", "Item: visits from “1” to “0”")
    ]
    listed = (await maker.get("/api/v1/drafts?state=published&limit=1")).json()
    assert [row["subject"] for row in listed["items"]] == [FOOD.code]
    assert (await maker.get(f"/api/v1/drafts?cursor={listed['next']}")).json()["items"] == []
    for missing in (f"{items}/9", f"{items}/1/difference/99999999999999999999", f"{items}/0"):
        refused(await clerk.get(missing), 404, "version_not_found")


async def test_flows_have_versions_too(maker: Caller, checker: Caller, clerk: Caller) -> None:
    text = PERMIT.source.replace("version = 2", "version = 3", 1).replace('["no_earlier_notice", ', "[", 1)
    unlawful = await maker.post("/api/v1/drafts", {"kind": "flow", "text": text})
    problem = refused(unlawful, 422, "flow_unlawful")
    assert problem["findings"] == ["second_notice"]
    assert "行政许可法32(1)(4)" in problem["detail"]
    text = PERMIT.source.replace("version = 2", "version = 3", 1).replace(
        'guards = ["no_earlier_notice", ', 'guards = ["no_earlier_notice", "scans_settled", ', 1
    )
    wanted = {"kind": "flow", "text": text, "in_force_from": LATER.isoformat()}
    draft = (await maker.post("/api/v1/drafts", wanted)).json()["draft"]
    assert (await checker.post(f"/api/v1/drafts/{draft}/publication")).status_code == 200
    flows = "/api/v1/flows/PERMIT/versions"
    assert [row["state"] for row in (await clerk.get(flows)).json()["items"]] == ["coming", "in_force"]
    assert (await clerk.get("/api/v1/flows/PERMIT")).json()["version"] == 2
    assert (await clerk.get(f"{flows}/3")).json()["source"] == text
    (change,) = (await clerk.get(f"{flows}/2/difference/3")).json()["changes"]
    assert change["zh"] == "环节“补正告知”：条件增加“scans_settled”"
    refused(await clerk.get(f"{flows}/2/difference/4"), 404, "version_not_found")
    refused(await clerk.get("/api/v1/flows/NONE/versions"), 404, "flow_not_found")


async def test_what_cannot_be_a_draft_writes_nothing(
    maker: Caller, clerk: Caller, unchanged: Callable[[], Unchanged]
) -> None:
    async with unchanged():
        huge = {"kind": "item", "text": "x" * 5_000_000}
        refused(await maker.post("/api/v1/drafts", huge), 413, "payload_too_large")
        long = {"kind": "item", "text": "x" * 200_001}
        refused(await maker.post("/api/v1/drafts", long), 422, "payload_invalid")
        refused(await maker.post("/api/v1/drafts", {"kind": "law"}), 422, "payload_invalid")
        refused(await maker.post("/api/v1/drafts", proposal() | {"sudo": True}), 422, "payload_invalid")
        refused(await maker.post("/api/v1/drafts", {"kind": "item", "text": "not = [toml"}), 422,
                "definition_not_wellformed")  # fmt: skip
        refused(await clerk.post("/api/v1/drafts", proposal()), 403, "role_not_allowed")
        refused(await maker.post("/api/v1/drafts", proposal(department="moon")), 404, "organisation_not_found")


async def test_stewards_publish_by_buttons(at_desk: At) -> None:
    maker, checker = await at_desk("item_steward"), await at_desk("item_steward2")
    page = await maker.open(f"/catalogue/items/{FOOD.code}")
    assert "安装时导入" in page.text
    page = await maker.open(f"/drafts/new?kind=item&item={FOOD.code}")
    form = page.form("/drafts/new")
    item = json.loads(form.value("text"))
    assert (item["version"], item["in_force_from"]) == (2, "2026-03-03")
    item["materials"][0]["how_to_obtain"] = HOSTILE
    wrong = json.dumps(item | {"level": "1"}, ensure_ascii=False)
    page = await maker.send(form, text=wrong, reason=HOSTILE)
    assert page.answer.status_code == 422
    assert "level" in page.text
    assert page.form("/drafts/new").value("text").strip() == wrong
    page = await maker.upload(page.form("/drafts/new"), "事项.json", json.dumps(item).encode())
    assert page.answer.status_code == 200, page.text
    assert "等待另一名事项管理员审核" in page.text
    address = str(page.answer.url)
    page = await checker.open(address)
    assert "<script>" not in page.html
    assert "取得方式由" in page.text
    assert HOSTILE in page.text
    page = await checker.send(page.form("/return"), reason="")
    assert page.answer.status_code == 422
    page = await checker.send(page.form("/publication"))
    assert "已发布" in page.text
    page = await checker.open(f"/catalogue/items/{FOOD.code}/difference/1/2")
    assert HOSTILE in page.text
    page = await maker.open(f"/drafts/new?kind=suspension&item={FOOD.code}")
    page = await maker.send(page.form("/drafts/new"), reason="上位法修订。")
    page = await checker.open(str(page.answer.url))
    page = await checker.send(page.form("/publication"))
    auditor = await at_desk("auditor")
    assert "朱晓岚" in (await auditor.open("/drafts")).text
    assert "提出新版本" not in (await auditor.open(f"/catalogue/items/{FOOD.code}")).text
    assert "提出新版本" in (await maker.open(f"/catalogue/items/{FOOD.code}")).text
    assert "已暂停" in (await checker.open(f"/catalogue/items/{FOOD.code}")).text
    assert FOOD.code not in (await (await at_desk("clerk")).open("/cases/new?text=食品经营")).html


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_pages_of_stewards_are_whole(at_desk: At, language: str) -> None:
    browser = await at_desk("item_steward")
    await browser.open(f"/language/{language}")
    page = await browser.open("/drafts/new?kind=flow&flow=PERMIT")
    text = page.form("/drafts/new").value("text").replace('["no_earlier_notice", ', "[", 1)
    refusal = await browser.send(page.form("/drafts/new"), text=text)
    assert refusal.answer.status_code == 422
    text = page.form("/drafts/new").value("text").replace('title = "审查中"', 'title = "实质审查中"', 1)
    draft = await browser.send(page.form("/drafts/new"), text=text)
    assert draft.answer.status_code == 200
    pages = [refusal, draft]
    for address in ("/catalogue", "/catalogue?text=许可", "/catalogue/flows/PERMIT", "/drafts", "/drafts?waiting=1",
                    f"/catalogue/items/{FOOD.code}", "/drafts/new?kind=cancellation", "/drafts/new",
                    "/catalogue/flows/PERMIT/difference/2/2"):  # fmt: skip
        pages.append(await browser.open(address))
        assert pages[-1].answer.status_code == 200, address
    for page in pages:
        address = str(page.answer.url)
        assert [tag for tag, _ in page.elements].count("h1") == 1, address
        assert "style=" not in page.html
        ids = [values["id"] for _, values in page.elements if "id" in values]
        assert len(ids) == len(set(ids)), address
        for tag, values in page.elements:
            if tag in {"input", "select", "textarea"} and values.get("type") != "hidden":
                assert values.get("id") in page.labelled or "inside-label" in values, (address, values)
    stranger = await at_desk("clerk")
    assert (await stranger.open(str(draft.answer.url))).answer.status_code == 403
