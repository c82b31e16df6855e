"""Opinion templates over HTTP: kept once, shared with colleagues, changed and ended by their writers alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.opinion_texts import MOST
from tests.api.hall import FOOD, Caller, Unchanged, refused

TEMPLATES = "/api/v1/opinion-templates"
WORDS = {"title": "齐全", "text": "材料齐全，符合法定条件。"}


async def listed(who: Caller, **query: str) -> list[dict[str, Any]]:
    answer = await who.get(TEMPLATES, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def put(who: Caller, key: str, body: dict[str, Any]) -> Any:
    return await who.http.put(f"{TEMPLATES}/{key}", json=body, headers=who.headers)


async def test_a_template_is_kept_once_used_by_colleagues_and_changed_by_its_writer(
    officer: Caller, approver: Caller, other_officer: Caller
) -> None:
    again = {"Idempotency-Key": "template-1"}
    made = await officer.post(TEMPLATES, WORDS | {"shared": True, "item": FOOD.code}, headers=again)
    assert made.status_code == 201, made.text
    twice = await officer.post(TEMPLATES, WORDS | {"shared": True, "item": FOOD.code}, headers=again)
    assert twice.json() == made.json()
    refused(await officer.post(TEMPLATES, WORDS, headers=again), 422, "key_reused")
    await officer.post(TEMPLATES, WORDS | {"title": "自用"})

    assert [(row["title"], row["own"]) for row in await listed(officer)] == [("齐全", True), ("自用", True)]
    (seen,) = await listed(approver, item=FOOD.code)
    assert seen["own"] is False
    assert seen["item_code"] == FOOD.code
    assert seen["department_name"]
    assert await listed(approver, item="another") == []
    assert await listed(other_officer) == []

    key = made.json()["id"]
    assert (await put(officer, key, {"title": "齐备", "text": "齐备。"})).status_code == 204
    assert [row["text"] for row in await listed(approver)] == ["齐备。"]
    assert (await officer.delete(f"{TEMPLATES}/{key}")).status_code == 204
    assert await listed(approver) == []
    refused(await officer.delete(f"{TEMPLATES}/{key}"), 404, "template_not_found")


async def test_nobody_touches_what_a_colleague_wrote_and_nothing_half_said_is_kept(
    officer: Caller, approver: Caller, clerk: Caller, unchanged: Callable[..., Unchanged]
) -> None:
    key = (await officer.post(TEMPLATES, WORDS | {"shared": True})).json()["id"]
    async with unchanged():
        refused(await put(approver, key, WORDS), 404, "template_not_found")
        refused(await approver.delete(f"{TEMPLATES}/{key}"), 404, "template_not_found")
        refused(await clerk.get(TEMPLATES), 403, "role_not_allowed")
        refused(await clerk.post(TEMPLATES, WORDS), 403, "role_not_allowed")
        for wrong in ({"title": ""}, {"text": "长" * 501}, {"text": "a\u202eb"}, {"colour": "red"}):
            answer = await officer.post(TEMPLATES, WORDS | wrong)
            assert answer.status_code == 422, wrong
        refused(await officer.post(TEMPLATES, WORDS | {"item": "00000"}), 404, "item_not_found")
        refused(await put(officer, key, WORDS | {"shared": False}), 422, "payload_invalid")


async def test_a_person_keeps_so_many_and_no_more(officer: Caller) -> None:
    for number in range(MOST):
        assert (await officer.post(TEMPLATES, WORDS | {"title": str(number)})).status_code == 201
    refused(await officer.post(TEMPLATES, WORDS), 409, "templates_enough")
