"""Which entries a clock refuses, and that a person can read why."""

from __future__ import annotations

import pytest

from tests.workflows.clock_ledgers import (
    ARTICLE_45,
    CALENDAR,
    HALL,
    ND,
    WD,
    amendment,
    event,
    extension,
    start,
    suspension,
)
from workflows.clock import ClockKind, Entry
from workflows.clock_acts import check_entry
from workflows.errors import Conflict

RUNNING = (start("2026-03-02", 20),)
EXTENDED = (*RUNNING, extension("2026-03-05", 10))
STOPPED = (*RUNNING, event("stop", "2026-03-05"))


def begin(moment: str, basis: str = ARTICLE_45) -> Entry:
    return event("suspend", moment, basis=basis)


def refusal(ledger: tuple[Entry, ...], new: Entry) -> Conflict:
    with pytest.raises(Conflict) as caught:
        check_entry(ledger, new, CALENDAR, HALL)
    return caught.value


@pytest.mark.parametrize(
    ("ledger", "new", "code"),
    [
        ((), begin("2026-03-03"), "clock_not_running"),
        (RUNNING, extension("2026-03-01", 10), "clock_not_running"),
        (RUNNING, event("resume", "2026-03-01"), "clock_not_running"),
        (STOPPED, extension("2026-03-06", 10), "clock_not_running"),
        (STOPPED, begin("2026-03-06"), "clock_not_running"),
        (STOPPED, amendment("2026-03-06", 45), "clock_not_running"),
        (RUNNING, begin("2026-03-03", basis=" "), "suspension_without_basis"),
        (RUNNING, begin("2026-03-01"), "suspension_before_start"),
        (RUNNING, begin("2026-03-02"), "suspension_before_start"),
        ((*STOPPED, start("2026-03-09", 5)), begin("2026-03-07"), "suspension_before_start"),
        (RUNNING, begin("2026-03-30 17:31"), "clock_overdue"),
        (RUNNING, extension("2026-03-30 17:31", 10), "clock_overdue"),
        ((start("2026-03-06", 24, ND),), extension("2026-03-31", 10, ND), "clock_overdue"),
        (RUNNING, event("resume", "2026-03-03"), "clock_not_suspended"),
        ((*RUNNING, *suspension("2026-03-09")), event("resume", "2026-03-08"), "clock_not_suspended"),
        ((*RUNNING, *suspension("2026-03-09", "2026-03-10")), event("resume", "2026-03-11"), "clock_not_suspended"),
        ((*RUNNING, begin("2026-03-31")), event("resume", "2026-04-02"), "clock_not_suspended"),
        (RUNNING, extension("2026-03-03", 10, ND), "clock_units_mixed"),
        (EXTENDED, amendment("2026-03-06", 30, ND), "clock_units_mixed"),
        (EXTENDED, extension("2026-03-06", 10), "already_extended"),
        (EXTENDED, extension("2026-03-04", 10), "already_extended"),
    ],
)
def test_an_unlawful_act_on_a_clock_is_refused(ledger: tuple[Entry, ...], new: Entry, code: str) -> None:
    found = refusal(ledger, new)
    assert found.code == code
    assert found.zh.endswith("。")
    assert found.en.endswith(".")


@pytest.mark.parametrize(
    ("ledger", "new"),
    [
        (RUNNING, begin("2026-03-02 10:01")),
        (RUNNING, begin("2026-03-30 17:30")),
        (RUNNING, extension("2026-03-30 17:30", 10)),
        (RUNNING, amendment("2026-03-03", 45)),
        (RUNNING, amendment("2026-03-03", 30, ND)),
        (RUNNING, amendment("2026-04-30", 45)),
        (EXTENDED, amendment("2026-03-06", 45)),
        (RUNNING, event("stop", "2026-04-30")),
        (STOPPED, start("2026-03-09", 20)),
        ((*RUNNING, *suspension("2026-03-09")), begin("2026-03-10")),
        ((*RUNNING, *suspension("2026-03-09")), event("resume", "2026-03-09")),
        ((*RUNNING, *suspension("2026-03-30")), extension("2026-04-15", 10)),
        ((*RUNNING, *suspension("2026-03-09", "2026-03-20")), extension("2026-04-13", 10)),
        ((*STOPPED, start("2026-03-09", 5), extension("2026-03-10", 5)), extension("2026-03-04", 10)),
        ((*EXTENDED, event("stop", "2026-03-06"), start("2026-03-09", 5)), extension("2026-03-10", 5)),
    ],
)
def test_a_lawful_act_on_a_clock_is_let_through(ledger: tuple[Entry, ...], new: Entry) -> None:
    check_entry(ledger, new, CALENDAR, HALL)


def test_a_refusal_names_the_moments_that_a_person_has_to_compare() -> None:
    before = refusal(RUNNING, begin("2026-02-27"))
    assert "2026年3月2日（周一）10:00" in before.zh
    assert "2026年2月27日（周五）10:00" in before.zh
    assert "2026年3月30日（周一）17:30届满" in refusal(RUNNING, extension("2026-03-31", 10)).zh
    assert "2026-03-03 (Tue) 10:00" in refusal(RUNNING, event("resume", "2026-03-03")).en


def test_another_clock_of_the_case_is_none_of_its_business() -> None:
    promise = Entry(ClockKind.promise, "start", RUNNING[0].at, 5, WD)
    check_entry((*RUNNING, promise), begin("2026-03-20"), CALENDAR, HALL)
