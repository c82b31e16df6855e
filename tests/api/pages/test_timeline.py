"""Events that no act of a flow left are told in plain words too: a recount of limits, a move to other versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from api.pages.timeline import told
from api.pages.wording import Wording
from workflows.flow import packaged_flows

PERMIT = packaged_flows()["PERMIT"]


def event(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "seq": 4,
        "name": name,
        "at": datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
        "claimed_at": None,
        "actor_name": "朱晓岚",
        "role": "item_steward",
        "from_state": "REVIEW",
        "to_state": "REVIEW",
        "data": data,
    }


def test_a_recount_tells_what_became_of_each_limit_and_duty() -> None:
    changed = {
        "promise": {"before": {"due_on": "2026-10-10"}, "after": {"due_on": "2026-10-12"}},
        "supervision_reply": {"before": {"due_on": None}, "after": {"due_on": "2026-10-13"}},
    }
    for language, clock, duty in (
        ("zh", "承诺办理期限", "答复督办"),
        ("en", "Promised time limit", "Answer to the order"),
    ):
        found = told(event("clock:recounted", {"changed": changed}), PERMIT, {}, Wording(language))
        details = dict(found["details"])
        assert set(details) == {clock, duty}
        assert details[clock].endswith("2026年10月12日" if language == "zh" else "2026-10-12")


def test_a_move_tells_the_versions_that_changed_why_and_who_agreed() -> None:
    data = {
        "before": {"flow_version": 2, "item_version": 1},
        "after": {"flow_version": 3, "item_version": 1},
        "reason": "流程修订",
        "approved_by": "梁长风",
    }
    found = told(event("case:migrated", data), PERMIT, {}, Wording("en"))
    assert found["title"] == "Moved to other versions"
    assert found["details"] == [
        ("Version of the flow", "2 → 3"),
        ("Why it was moved", "流程修订"),
        ("The plan was approved by", "梁长风"),
    ]
