"""A full day at the hall by keyboard alone: no mouse, nothing far away, and at its end everything is in the figures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import day_clerk, day_department
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
