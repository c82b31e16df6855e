"""Nothing that the machine does, and nothing that its access log is asked for, is left without words."""

from __future__ import annotations

from api.pages.texts import TEXTS
from engine.administration import waiting
from engine.audit_desk.access_reading import KINDS
from engine.jobs import JOBS
from workflows.actor import Role


def test_every_job_that_may_fail_has_a_name() -> None:
    assert [topic for topic in JOBS if f"topic.{topic}" not in TEXTS] == []


def test_every_kind_of_the_access_log_has_a_name() -> None:
    assert [kind for kind in KINDS if f"look.{kind}" not in TEXTS] == []


def test_nobody_with_cases_is_sent_past_them() -> None:
    assert {Role.clerk, Role.officer, Role.auditor}.isdisjoint(waiting.WITHOUT_CASES)
