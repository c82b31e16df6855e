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
    found = told(event("clock:recounted", {"changed": changed}), PERMIT, {}, Wording("zh"))
    details = dict(found["details"])
    assert set(details) == {"承诺办理期限", "答复督办"}
    assert details["承诺办理期限"].endswith("2026年10月12日")
    english = told(event("clock:recounted", {"changed": changed}), PERMIT, {}, Wording("en"))
    assert dict(english["details"])["Promised time limit"].endswith("2026-10-12")


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


def test_what_became_of_a_rating_tells_why_and_what_was_said() -> None:
    proposed = event("rating:review_proposed", {"reason": "选错了等级", "evidence": "电话录音"})
    found = told(proposed, PERMIT, {}, Wording("zh"))
    assert (found["title"], found["details"]) == ("提请误评复核", [("理由", "选错了等级"), ("证据", "电话录音")])
    asked = event("rating:followed_up", {"reached": True, "satisfied": False, "note": "仍需等候"})
    found = told(asked, PERMIT, {}, Wording("en"))
    assert found["title"] == "Rater asked afterwards"
    assert found["details"] == [("Reached", "Yes"), ("Satisfied", "No"), ("What was said", "仍需等候")]
