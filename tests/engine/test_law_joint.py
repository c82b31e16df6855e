"""并联分办与下级初审: several departments, or two levels, one answer to the applicant (row 20; articles 26, 35, 42, 43)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.children import cancel_children, list_children
from engine.context import Context
from storage import notifications
from storage.db import reading
from tests.factories import ITEMS, OPINION, PAYLOADS, Story, bring
from tests.people import actor
from workflows.errors import Conflict, Forbidden, NotFound, YichuangError
from workflows.events import Act

CONSTRUCTION = ITEMS[13]
"""建筑工程施工许可: the housing department leads; urban management and police take part."""
AGREED = {"conclusion": "agree", "opinion": "无不同意见。"}


async def children_of(story: Story) -> dict[str, Story]:
    """The child cases of a case, by the code of their department."""
    listed = await list_children(story.context, await actor("hall_manager"), story.number)
    return {row["department"]: replace(story, number=row["number"], answers=[]) for row in listed}


async def answer(child: Story, department: str, **opinion: Any) -> None:
    await child.go(f"officer.{department}", Act.SIGN_IN)
    await child.go(f"officer.{department}", Act.SUBMIT_REVIEW, opinion=OPINION, proposal="agree")
    await child.go(f"approver.{department}", Act.GIVE_OPINION, **(opinion or AGREED))


async def test_a_joint_dispatch_opens_a_case_for_each_department_with_it(context: Context) -> None:
    story = await bring(context, "DISPATCHED", CONSTRUCTION)
    row = await story.row()
    assert row["flags"] == ["joint"]
    assert set(await story.documents()) == {"D01", "D05", "D23"}
    children = await children_of(story)
    assert list(children) == ["urban", "police"] or set(children) == {"urban", "police"}
    for department, child in children.items():
        found = await child.row()
        assert (found["state"], found["flow"], found["parent_id"]) == ("DISPATCHED", "JOINT_REVIEW", row["id"])
        assert found["department"] == department
        assert (found["applicant"], found["item_id"]) == (row["applicant"], row["item_id"])
        assert await child.events() == ["open", "dispatch"]
        assert await child.clocks() == {"handover": ("running", "2026-03-03")}
        told = await notifications.of_case(child.number)
        assert [(one["recipient"], one["way"], one["event"]) for one in told] == [("department", "task", "dispatch")]
        lines = await child.rows("case_materials", "line")
        assert [one["line"] for one in lines] == [one["line"] for one in await story.rows("case_materials", "line")]
        assert await child.rows("scan_links")
