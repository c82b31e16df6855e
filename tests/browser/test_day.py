"""A full day at the hall by keyboard alone: no mouse, nothing far away, and at its end everything is in the figures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import day_agent, day_clerk, day_counter, day_department, day_office
from tests.browser.day import Day
from tests.browser.machine import Machine


@pytest.fixture(scope="module")
def day(instance: Machine, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """One day, on the instance of the run."""
    one = Day(instance, chromium, tmp_path_factory.mktemp("scans"))
    yield one
    for desk in one.desks.values():
        desk.context.close()


@pytest.fixture(autouse=True)
def without_a_mouse(day: Day) -> Iterator[None]:
    """After every chapter: nobody pressed a pointer, and no page complained."""
    yield
    assert [kind for desk in day.desks.values() for kind in desk.pointed] == []
    assert [complaint for desk in day.desks.values() for complaint in desk.complaints] == []


def test_1_a_question_then_a_standard_intake(day: Day) -> None:
    day.figures.update(day_office.figures(day))
    day_clerk.consult(day)
    day_clerk.standard_intake(day)


def test_2_something_is_missing_and_comes_later(day: Day) -> None:
    day_clerk.other_intakes(day)
    day_department.tell_once(day)
    day_department.tolerate(day)
    day_clerk.bring_what_was_missing(day)
    day_clerk.make_good(day)
    day_department.accept(day, "standard", "denied", "noticed")
    day_clerk.hand_over_to_the_department(day)


def test_3_the_department_takes_its_time_lawfully_and_decides(day: Day) -> None:
    day_department.sign_in(day)
    day_department.have_it_tested(day)
    day_department.extend(day)
    day_department.review(day)
    day_department.endorse(day)
    day_department.decide(day)


def test_4_a_proxy_agent_files_for_somebody_else(day: Day) -> None:
    day_agent.register_a_mandate(day)
    day_agent.file_for_the_principal(day)
    day_agent.visit(day)


def test_5_results_leave_the_counter(day: Day) -> None:
    day_office.remember_codes(day)
    day_counter.make(day)
    day_counter.hand_over_together(day, day_office.see_what_to_collect(day))
    day_counter.serve_the_denial(day)
    day_counter.post(day)


def test_6_the_applicant_takes_a_document_and_rates(day: Day) -> None:
    day_office.take_a_document(day)
    day_office.rate(day, "standard", 1)
    day_office.rate(day, "noticed", 5)


def test_7_at_its_end_everything_is_there(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    day_office.figures_tell_what_happened(day, received=4, accepted=4, closed=4)
    day_office.board(day)
    day_office.audit(day)
    with capsys.disabled():
        print("\n" + "\n".join(day.told))  # noqa: T201  # the account of the day
