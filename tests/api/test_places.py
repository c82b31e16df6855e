"""机构 through the interface: listed page by page, added below what is in reach, changed, never taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tests.api.hall import Caller, Unchanged, refused

PLACES = "/api/v1/organisations"
WINDOW = {"code": "w10", "parent": "hall", "kind": "window", "region": "460100", "name": "综合窗口10号",
          "name_en": "General window 10"}  # fmt: skip


async def patch(who: Caller, code: str, body: dict[str, Any]) -> httpx.Response:
    return await who.http.patch(f"{PLACES}/{code}", json=body, headers=who.headers)


async def test_a_window_opens_and_is_renamed(system_admin: Caller, unchanged: Callable[..., Unchanged]) -> None:
    made = await system_admin.post(PLACES, WINDOW)
    assert made.status_code == 201, made.text
    assert made.json()["path"] == "460000/460100/hall/w10"
    async with unchanged():
        refused(await system_admin.post(PLACES, WINDOW), 409, "place_taken")
        problem = refused(
            await system_admin.post(PLACES, WINDOW | {"code": "w11", "region": "460107"}), 422, "place_wrong"
        )
        assert problem["field"] == "$.region"
        refused(await system_admin.post(PLACES, WINDOW | {"code": "No Capitals"}), 422, "payload_invalid")
        refused(await patch(system_admin, "w10", {"agency_word": "示"}), 422, "payload_invalid")
        refused(await patch(system_admin, "nowhere", {"name": "别处"}), 404, "organisation_not_found")
    changed = await patch(system_admin, "w10", {"name": "企业综合窗口10号"})
    assert changed.json()["name"] == "企业综合窗口10号"
    assert changed.json()["name_en"] == "General window 10"
    assert (await system_admin.get(f"{PLACES}/w10")).json() == changed.json()


async def test_the_tree_is_listed_page_by_page(system_admin: Caller) -> None:
    found, cursor = [], None
    while True:
        query = {"limit": "5", "kind": "window"} | ({"cursor": cursor} if cursor else {})
        answer = (await system_admin.get(PLACES, params=query)).json()
        found += [row["code"] for row in answer["items"]]
        cursor = answer.get("next")
        if not cursor:
            break
    assert len(found) == len(set(found)) == 9
    (one,) = (await system_admin.get(PLACES, params={"text": "市场监督管理局", "limit": "1"})).json()["items"]
    assert (one["code"], one["agency_word"]) == ("amr", "示市监")


async def test_a_clerk_sees_no_tree_and_changes_none(clerk: Caller, unchanged: Callable[..., Unchanged]) -> None:
    async with unchanged():
        refused(await clerk.get(PLACES), 403, "role_not_allowed")
        refused(await clerk.get(f"{PLACES}/w01"), 403, "role_not_allowed")
        refused(await clerk.post(PLACES, WINDOW), 403, "role_not_allowed")
        refused(await patch(clerk, "w01", {"name": "我的窗口"}), 403, "role_not_allowed")
