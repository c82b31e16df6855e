"""The first day that an imported year makes another day, and the visits that a closed day moves."""

from __future__ import annotations

from datetime import date

import msgspec

from workflows.appointment import is_open, next_open_day
from workflows.calendar import Calendar, YearEdition, build_calendar, packaged_editions
from workflows.calendar_change import first_difference

EDITIONS = packaged_editions()
KNOWN = build_calendar(EDITIONS)


def edition(year: int) -> YearEdition:
    (found,) = [one for one in EDITIONS if one.year == year]
    return found


def with_another(version: YearEdition) -> Calendar:
    return build_calendar([*EDITIONS, version])


def test_a_new_year_changes_its_first_day_even_where_nothing_falls_on_it() -> None:
    before = build_calendar([one for one in EDITIONS if one.year < 2026])
    assert first_difference(before, KNOWN) == date(2026, 1, 1)
    assert first_difference(KNOWN, before) == date(2026, 1, 1)


def test_a_correction_changes_the_first_day_that_it_takes_or_gives() -> None:
    holidays = edition(2026).holiday
    shorter = [msgspec.structs.replace(one, work=()) if one.name == "劳动节" else one for one in holidays]
    longer = [
        msgspec.structs.replace(one, off=(*one.off, date(2026, 2, 24))) if one.name == "春节" else one
        for one in holidays
    ]
    for changed, day in ((shorter, date(2026, 5, 9)), (longer, date(2026, 2, 24))):
        later = msgspec.structs.replace(edition(2026), version=2, holiday=tuple(changed))
        assert first_difference(KNOWN, with_another(later)) == day


def test_another_wording_changes_no_day() -> None:
    later = msgspec.structs.replace(edition(2026), version=2, source="更正标题")
    assert first_difference(KNOWN, with_another(later)) is None


def test_a_hall_is_open_on_worked_days_unless_it_is_closed() -> None:
    typhoon = {date(2026, 5, 9), date(2026, 5, 11)}
    assert not is_open(date(2026, 5, 1), KNOWN, ())
    assert is_open(date(2026, 5, 9), KNOWN, ())
    assert not is_open(date(2026, 5, 9), KNOWN, typhoon)
    assert next_open_day(date(2026, 5, 8), KNOWN, typhoon) == date(2026, 5, 12)
    assert next_open_day(date(2026, 4, 30), KNOWN, ()) == date(2026, 5, 6)
    assert next_open_day(date(2026, 12, 31), KNOWN, ()) == date(2027, 1, 1)
