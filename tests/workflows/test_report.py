"""Reports: which periods are due, what is missed and made up, what tells contents apart, files that never differ."""

from __future__ import annotations

import hashlib
import io
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from engine.figures import report_paper
from engine.figures.report_book import write_book
from engine.figures.report_wording import BREACHES, NO_DATA, written
from workflows.errors import Malformed
from workflows.figure import definition_of
from workflows.figure_catalogue import EDITION, FIGURES
from workflows.report import (
    CAUGHT_UP,
    LISTED,
    SUBJECTS,
    Kind,
    ReportWish,
    content_digest,
    due_periods,
    period_of,
    step_of,
)

CHINA = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 3, 31, 16, tzinfo=UTC)
DAY = timedelta(days=1)


def test_every_figure_stands_under_one_subject() -> None:
    listed = [figure.name for part in SUBJECTS for figure in part.figures]
    assert sorted(listed) == sorted(FIGURES)
    assert {name for name, _ in LISTED.values()} <= set(FIGURES)
    assert set(BREACHES) == set(LISTED)


@pytest.mark.parametrize(
    ("kind", "since", "until"),
    [
        (Kind.daily, date(2026, 2, 28), date(2026, 2, 28)),
        (Kind.weekly, date(2026, 2, 23), date(2026, 3, 1)),
        (Kind.monthly, date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_a_period_is_the_one_in_which_a_day_lies(kind: Kind, since: date, until: date) -> None:
    assert period_of(kind, date(2026, 2, 28)) == (since, until)
    assert ReportWish(kind, date(2026, 2, 28)).period() == (since, until)


def test_a_range_needs_its_last_day_and_is_in_order() -> None:
    first = date(2026, 3, 2)
    assert ReportWish(Kind.range, first, first).period() == (first, first)
    for until, code in (
        (None, "last_day_needed"),
        (first - DAY, "period_wrong"),
        (date(2032, 1, 1), "period_too_long"),
    ):
        with pytest.raises(Malformed) as refusal:
            ReportWish(Kind.range, first, until).period()
        assert refusal.value.code == code


def test_a_period_is_due_from_the_moment_at_which_it_is_over_in_the_hall() -> None:
    yesterday = [(date(2026, 3, 31), date(2026, 3, 31))]
    assert due_periods(Kind.daily, None, MIDNIGHT, CHINA) == yesterday
    assert due_periods(Kind.daily, None, MIDNIGHT - timedelta(microseconds=1), CHINA) == [
        (date(2026, 3, 30), date(2026, 3, 30))
    ]
    assert due_periods(Kind.daily, date(2026, 3, 31), MIDNIGHT, CHINA) == []
    assert due_periods(Kind.monthly, date(2026, 2, 1), MIDNIGHT, CHINA) == [(date(2026, 3, 1), date(2026, 3, 31))]
    assert due_periods(Kind.weekly, date(2026, 3, 16), MIDNIGHT, CHINA) == [(date(2026, 3, 23), date(2026, 3, 29))]


def test_what_was_missed_is_due_oldest_first_and_not_without_end() -> None:
    missed = due_periods(Kind.daily, date(2026, 3, 28), MIDNIGHT, CHINA)
    assert [since.day for since, _ in missed] == [29, 30, 31]
    assert len(due_periods(Kind.daily, date(2020, 1, 1), MIDNIGHT, CHINA)) == CAUGHT_UP


def test_long_periods_show_their_course_month_by_month() -> None:
    assert step_of(date(2026, 3, 1), date(2026, 3, 31)) == "day"
    assert step_of(date(2026, 1, 1), date(2026, 12, 31)) == "month"


def test_a_number_is_written_as_what_it_is_and_nothing_is_never_a_hundred_percent() -> None:
    assert written("count", 1234) == "1,234"
    assert written("rate", 0.98765) == "98.77%"
    assert written("mean", 3.5) == "3.50"
    assert written("rate", None) == written("mean", None) == NO_DATA


def content(**more: Any) -> dict[str, Any]:
    """A report of a day on which one case came in and one breach of each kind stood."""
    nothing = {"numerator": 0, "denominator": 0, "value": None}
    figures = [
        {"subject": n, "name": one.name, "version": one.version, **nothing}
        for n, part in enumerate(SUBJECTS)
        for one in part.figures
    ]
    cell = {"code": "=amr", "label": "=1+1", "label_en": "", "numerator": 1, "denominator": 4, "value": 0.25}
    row = {"case": "4601", "subject": "", "place": 1, "item": "1", "item_name": "甲", "item_name_en": "",
           "department": "amr", "amount": 2, "day": "2026-03-02"}  # fmt: skip
    closed = {"figure": "closed", "denominator": None, "value": 1}
    return {
        "kind": "daily",
        "place": {"codes": ["hall"], "label": "示例大厅", "label_en": ""},
        "since": "2026-03-02", "until": "2026-03-02", "as_of": "2026-03-02T16:00:00+00:00", "where": {},
        "facts_version": 2, "edition": EDITION,
        "calendars": [{"year": 2026, "version": 1, "source": "通知", "published_on": "2025-11-04"}],
        "figures": figures,
        "course": {"step": "day", "rows": [{"day": "2026-03-02", "received": 1}]},
        "departments": [cell | {"figure": "on_time_rate"}, cell | closed],
        "items": [],
        "breaches": [{"breach": one, "figure": LISTED[one][0], "whole": False, "rows": [row] * 61} for one in LISTED],
        "definitions": [definition_of(one) for one in FIGURES.values()],
        **more,
    }  # fmt: skip


def test_contents_differ_by_what_they_say_and_not_by_what_places_are_called_today() -> None:
    told = content_digest(content())
    renamed = content(departments=[cell | {"label": "改名后的部门"} for cell in content()["departments"]])
    assert content_digest(renamed) == told
    assert content_digest(content(facts_version=3)) != told
    assert content_digest(content(breaches=[])) != told


def test_the_same_content_gives_the_same_workbook_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = set()
    for moment in (1_000_000_000.0, 2_000_000_000.0):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        path = tmp_path / "report.xlsx"
        write_book(path, content())
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    assert book.sheetnames == ["说明", "指标", "按部门", "按事项", "走势", "违规办件", "指标定义"]
    assert book["按部门"]["B2"].value == "=amr"
    assert book["按部门"]["B2"].data_type == "s", "a code is never a formula"
    assert (book["按部门"]["F2"].value, book["按部门"]["F2"].number_format) == (0.25, "0.00%")
    assert (book["指标"]["F8"].value, book["指标"]["F8"].data_type) == (NO_DATA, "s")
    assert "其余未列出，请在指标页面查看" in [cell.value for cell in book["违规办件"]["B"]]
    assert list(tmp_path.iterdir()) == [path]


def test_the_printed_form_says_what_it_leaves_to_the_workbook() -> None:
    values = report_paper.values_of(content())
    breach = values["breaches"][0]
    assert (len(breach["rows"]), breach["left"], breach["amount"]) == (60, 1, "122以上")
    assert values["departments"][0][3] == "1"
    assert values["closed"] == [["=1+1", 1, "25.00%"]]
    assert values["course"]["series"][0]["values"] == [1]
    assert values["split"]["rows"] == []
