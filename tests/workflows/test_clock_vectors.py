"""Due dates counted by hand on the published calendars of 2023 to 2026 (domain.md §8), each with its counting.

Off on weekdays / worked on weekend days, as far as they lie in the counted spans:
2023  01-23…27, 05-01…03, 06-22, 06-23, 09-29, 10-02…06 / 01-28, 01-29, 04-23, 05-06, 06-25, 10-07, 10-08
2024  01-01, 02-12…16, 04-04, 04-05, 05-01…03, 09-16, 09-17, 10-01…04, 10-07 / 02-18, 04-07, 04-28, 05-11, 09-14, 09-29
2025  01-01, 01-28…31, 02-03, 02-04, 05-01, 05-02, 05-05, 06-02, 10-01…03, 10-06…08 / 01-26, 02-08, 04-27, 09-28, 10-11
2026  01-01, 01-02, 02-16…20, 02-23, 04-06, 05-01, 05-04, 05-05, 06-19, 09-25, 10-01, 10-02, 10-05…07
      / 01-04, 02-14, 02-28, 05-09, 09-20, 10-10

In the counting, "3–6 = 4" says that up to the 6th four days are counted. A suspension takes out the days after the one
on which it begins, up to and with the one on which it ends.
"""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from tests.workflows.clock_ledgers import (
    HOURS,
    MONTHS,
    ND,
    WD,
    amendment,
    at,
    due,
    extension,
    local,
    start,
    state,
    suspension,
)
from workflows.clock import Entry, Unit


class Vector(NamedTuple):
    """A ledger, the day or moment on which its limit ends, and how that was counted."""

    name: str
    begun: str
    amount: int
    unit: Unit
    changes: list[Entry]
    due: str
    how: str
    provisional: bool = False


FIRST, SECOND = suspension("2026-03-09", "2026-03-20"), suspension("2026-03-18", "2026-03-25")
TO_MARCH = "Mar 3–6 = 4, 9–13 = 9, 16–20 = 14, 23–27 = 19, 30 = 20"

OF_THE_DOMAIN = [
    Vector("receive before National Day 2025, 5", "2025-09-26", 5, WD, [], "2025-10-10",
           "Sun 28 worked = 1, 29, 30 = 3, Oct 1–8 off, 9, 10 = 5"),
    Vector("receive before National Day 2025, 20", "2025-09-26", 20, WD, [], "2025-10-30",
           "Oct 10 = 5, Sat 11 worked = 6, 13–17 = 11, 20–24 = 16, 27–30 = 20"),
    Vector("receive before Spring Festival 2026, 5", "2026-02-11", 5, WD, [], "2026-02-25",
           "12, 13 = 2, Sat 14 worked = 3, 15–23 off, 24, 25 = 5"),
    Vector("receive before Spring Festival 2026, 20", "2026-02-11", 20, WD, [], "2026-03-17",
           "Feb 25 = 5, 26, 27 = 7, Sat 28 worked = 8, Mar 2–6 = 13, 9–13 = 18, 16, 17 = 20"),
    Vector("receive before Mid-Autumn 2026", "2026-09-17", 5, WD, [], "2026-09-23",
           "18 = 1, Sat 19 off, Sun 20 worked = 2, 21–23 = 5"),
    Vector("receive before Spring Festival 2024", "2024-02-02", 5, WD, [], "2024-02-08",
           "Sat 3 off, Sun 4 worked = 1, 5–8 = 5"),
    Vector("receive before National Day 2023", "2023-09-28", 3, WD, [], "2023-10-09",
           "29 – Oct 6 off, Sat 7 and Sun 8 worked = 2, Mon 9 = 3"),
    Vector("receive before New Year 2026", "2025-12-30", 3, WD, [], "2026-01-05",
           "31 = 1, Jan 1–3 off, Sun 4 worked = 2, Mon 5 = 3"),
    Vector("accept on 2 March 2026, 20", "2026-03-02", 20, WD, [], "2026-03-30", TO_MARCH),
    Vector("one special procedure takes out 9", "2026-03-02", 20, WD, FIRST, "2026-04-13",
           "out: 10–13 = 4, 16–20 = 9; Mar 30 + 9: 31 = 1, Apr 1–3 = 4, Mon 6 off, 7–10 = 8, 13 = 9"),
    Vector("a second one that overlaps: 12 together", "2026-03-02", 20, WD, [*FIRST, *SECOND], "2026-04-16",
           "out: 10–13 = 4, 16–20 = 9, 23–25 = 12; Apr 13 is + 9, 14–16 = 12"),
    Vector("ten days more after the special procedure", "2026-03-02", 20, WD,
           [*FIRST, extension("2026-04-10", 10)], "2026-04-27", "Apr 13 + 10: 14–17 = 4, 20–24 = 9, 27 = 10"),
    Vector("joint handling, 45", "2026-03-02", 45, WD, [], "2026-05-08",
           "Mar 30 = 20, 31 = 21, Apr 1–3 = 24, 6 off, 7–10 = 28, 13–17 = 33, 20–24 = 38, 27–30 = 42, May 1–5 off, "
           "6–8 = 45"),
    Vector("joint handling, 15 more", "2026-03-02", 45, WD, [extension("2026-05-06", 15)], "2026-05-28",
           "May 8 + 15: Sat 9 worked = 1, 11–15 = 6, 18–22 = 11, 25–28 = 15"),
    Vector("grant on 28 April, deliver within 10", "2026-04-28", 10, WD, [], "2026-05-14",
           "29, 30 = 2, May 1–5 off, 6–8 = 5, Sat 9 worked = 6, 11–14 = 10"),
    Vector("past the last notice", "2026-12-25", 5, WD, [], "2027-01-01",
           "28–31 = 4; Fri 1 Jan would be the fifth if it were a plain weekday", provisional=True),
]  # fmt: skip

WORKING_DAYS = [
    Vector("Spring Festival 2023 with both weekend days worked", "2023-01-19", 5, WD, [], "2023-01-31",
           "Fri 20 = 1, 21–27 off, Sat 28 and Sun 29 worked = 3, 30, 31 = 5"),
    Vector("a worked Sunday is the first day", "2023-04-21", 3, WD, [], "2023-04-25",
           "Sat 22 off, Sun 23 worked = 1, 24, 25 = 3"),
    Vector("a worked Saturday is the last day", "2023-04-28", 3, WD, [], "2023-05-06",
           "29 – May 3 off, 4, 5 = 2, Sat 6 worked = 3"),
    Vector("Dragon Boat Festival 2023", "2023-06-21", 2, WD, [], "2023-06-26",
           "Thu 22, Fri 23, Sat 24 off, Sun 25 worked = 1, Mon 26 = 2"),
    Vector("received on National Day itself", "2023-10-01", 1, WD, [], "2023-10-07", "2–6 off, Sat 7 worked = 1"),
    Vector("Spring Festival 2024, ends on a Sunday", "2024-02-09", 1, WD, [], "2024-02-18",
           "10–17 off, Sun 18 worked = 1"),
    Vector("Qingming 2024", "2024-04-03", 3, WD, [], "2024-04-09", "Thu 4 – Sat 6 off, Sun 7 worked = 1, 8, 9 = 3"),
    Vector("Labour Day 2024", "2024-04-26", 5, WD, [], "2024-05-07",
           "Sat 27 off, Sun 28 worked = 1, 29, 30 = 3, May 1–5 off, 6, 7 = 5"),
    Vector("a Saturday worked after Labour Day 2024", "2024-05-10", 2, WD, [], "2024-05-13",
           "Sat 11 worked = 1, Sun 12 off, Mon 13 = 2"),
    Vector("Mid-Autumn 2024", "2024-09-13", 2, WD, [], "2024-09-18", "Sat 14 worked = 1, 15–17 off, Wed 18 = 2"),
    Vector("National Day 2024 with the Monday after it", "2024-09-27", 5, WD, [], "2024-10-10",
           "Sat 28 off, Sun 29 worked = 1, Mon 30 = 2, Oct 1–7 off, 8–10 = 5"),
    Vector("across the year end 2024", "2024-12-30", 2, WD, [], "2025-01-02", "31 = 1, Jan 1 off, Thu 2 = 2"),
    Vector("Spring Festival 2025", "2025-01-24", 5, WD, [], "2025-02-07",
           "Sat 25 off, Sun 26 worked = 1, Mon 27 = 2, 28 – Feb 4 off, 5–7 = 5"),
    Vector("one day more is the worked Saturday", "2025-01-24", 6, WD, [], "2025-02-08", "Feb 7 = 5, Sat 8 worked = 6"),
    Vector("Labour Day 2025", "2025-04-25", 5, WD, [], "2025-05-06",
           "Sat 26 off, Sun 27 worked = 1, 28–30 = 4, May 1–5 off, Tue 6 = 5"),
    Vector("Dragon Boat Festival 2025", "2025-05-30", 1, WD, [], "2025-06-03", "31 – Mon 2 off, Tue 3 = 1"),
    Vector("National Day 2025, ends on a Saturday", "2025-09-30", 3, WD, [], "2025-10-11",
           "Oct 1–8 off, 9, 10 = 2, Sat 11 worked = 3"),
    Vector("across the year end 2025, ends on a Sunday", "2025-12-31", 1, WD, [], "2026-01-04",
           "Jan 1–3 off, Sun 4 worked = 1"),
    Vector("Dragon Boat Festival 2026", "2026-06-18", 2, WD, [], "2026-06-23", "Fri 19 off, 20, 21 off, 22, 23 = 2"),
    Vector("received on a Sunday", "2026-03-01", 5, WD, [], "2026-03-06", "Mon 2 = 1, 3–6 = 5"),
    Vector("received on a worked Sunday", "2026-09-20", 3, WD, [], "2026-09-23", "21–23 = 3; the 20th itself is not"),
    Vector("received after hours", "2026-03-02 19:00", 5, WD, [], "2026-03-09", "3–6 = 4, 9 = 5, as at any hour of it"),
    Vector("received at half past midnight", "2026-03-03 00:30", 5, WD, [], "2026-03-10", "4–6 = 3, 9, 10 = 5"),
    Vector("the last day that is published", "2026-12-25", 4, WD, [], "2026-12-31", "28–31 = 4"),
    Vector("the first day that is not", "2026-12-31", 1, WD, [], "2027-01-01", "a Friday", provisional=True),
]  # fmt: skip

SAME_DAY = [
    Vector("at once, in the morning", "2026-03-06", 0, WD, [], "2026-03-06", "the day itself"),
    Vector("at once, on the stroke of closing", "2026-03-06 17:30", 0, WD, [], "2026-03-06", "the day itself"),
    Vector("at once, after hours on a Friday", "2026-03-06 18:30", 0, WD, [], "2026-03-09", "7, 8 off, Mon 9"),
    Vector("at once, on a Sunday", "2026-03-08", 0, WD, [], "2026-03-09", "Mon 9"),
    Vector("at once, on a worked Saturday", "2026-02-14", 0, WD, [], "2026-02-14", "the day itself"),
    Vector("at once, in a holiday", "2026-02-17", 0, ND, [], "2026-02-24", "17–20, 21, 22, 23 off, Tue 24"),
    Vector("at once, in no month's time", "2026-04-06", 0, MONTHS, [], "2026-04-07", "Mon 6 off, Tue 7"),
    Vector("at once, after the last notice", "2027-01-02", 0, WD, [], "2027-01-04", "Sat 2, Mon 4", provisional=True),
]  # fmt: skip

CALENDAR_DAYS = [
    Vector("ends in the Labour Day holiday", "2026-04-10", 25, ND, [], "2026-05-06",
           "20 to Apr 30, May 5 = 25, off, Wed 6"),
    Vector("ends on National Day", "2026-09-16", 15, ND, [], "2026-10-08", "14 to Sep 30, Oct 1 = 15; 1–7 off, Thu 8"),
    Vector("sixty days across a year end", "2025-12-08", 60, ND, [], "2026-02-06",
           "23 to Dec 31, 54 to Jan 31, Fri Feb 6 = 60"),
    Vector("ends on a worked Saturday", "2026-01-15", 30, ND, [], "2026-02-14", "16 to Jan 31, Sat 14 = 30, worked"),
    Vector("ends on a Sunday", "2026-03-05", 10, ND, [], "2026-03-16", "Sun 15 = 10, Mon 16"),
    Vector("ends on the last published day", "2026-12-01", 30, ND, [], "2026-12-31", "Thu 31 = 30"),
    Vector("ends a day later", "2026-12-01", 31, ND, [], "2027-01-01", "Fri 1 Jan = 31", provisional=True),
    Vector("January has no 31 February", "2026-01-31", 1, MONTHS, [], "2026-02-28", "Sat 28 is worked"),
    Vector("in a leap year", "2024-01-31", 1, MONTHS, [], "2024-02-29", "Thu 29"),
    Vector("August has 31 days, September has not", "2026-08-31", 1, MONTHS, [], "2026-09-30", "Wed 30"),
    Vector("from a Sunday, two months on, in a leap year", "2023-12-31", 2, MONTHS, [], "2024-02-29", "Thu 29"),
    Vector("three months to National Day", "2026-07-01", 3, MONTHS, [], "2026-10-08", "Oct 1; 1–7 off, Thu 8"),
    Vector("three months into an unpublished year", "2026-10-15", 3, MONTHS, [], "2027-01-15", "a Friday",
           provisional=True),
    Vector("hours run through a holiday", "2026-05-01", 48, HOURS, [], "2026-05-03 10:00", "two days of 24"),
    Vector("hours end on a Saturday", "2026-03-06 16:00", 24, HOURS, [], "2026-03-07 16:00", "one day of 24"),
    Vector("hours rest on no notice", "2026-12-31 20:00", 24, HOURS, [], "2027-01-01 20:00", "one day of 24"),
]  # fmt: skip

SUSPENDED = [
    Vector("within a weekend", "2026-03-02", 20, WD, suspension("2026-03-07", "2026-03-08"), "2026-03-30",
           f"out: nothing; {TO_MARCH}"),
    Vector("from Friday to Monday", "2026-03-02", 20, WD, suspension("2026-03-06", "2026-03-09"), "2026-03-31",
           "out: Mon 9 = 1; Mar 30 + 1"),
    Vector("one within another", "2026-03-02", 20, WD, [*FIRST, *suspension("2026-03-11", "2026-03-13")], "2026-04-13",
           "out: 9 as of the longer one alone"),
    Vector("touching at one moment", "2026-03-02", 20, WD,
           [*suspension("2026-03-09", "2026-03-13"), *suspension("2026-03-13", "2026-03-20")], "2026-04-13",
           "out: 10–13 = 4, 16–20 = 9"),
    Vector("touching on one day", "2026-03-02", 20, WD,
           [*suspension("2026-03-09", "2026-03-13 09:00"), *suspension("2026-03-13 15:00", "2026-03-20")],
           "2026-04-13", "out: 10–13 = 4, 16–20 = 9; the 13th once"),
    Vector("one the day after another", "2026-03-02", 20, WD,
           [*suspension("2026-03-09", "2026-03-12"), *suspension("2026-03-13", "2026-03-20")], "2026-04-10",
           "out: 10–12 = 3, 16–20 = 8; the 13th counts; Mar 30 + 8: 31 = 1, Apr 1–3 = 4, 7–10 = 8"),
    Vector("three that overlap in a chain", "2026-03-02", 20, WD,
           [*suspension("2026-03-04", "2026-03-10"), *suspension("2026-03-09", "2026-03-12"),
            *suspension("2026-03-11", "2026-03-16")], "2026-04-10",
           "out: 5, 6 = 2, 9–13 = 7, 16 = 8; Mar 30 + 8: 31 = 1, Apr 1–3 = 4, 7–10 = 8"),
    Vector("from the day of the start", "2026-03-02", 20, WD, suspension("2026-03-02 15:00", "2026-03-06"),
           "2026-04-03", "out: 3–6 = 4; Mar 30 + 4: 31 = 1, Apr 1–3 = 4"),
    Vector("over the Labour Day holiday", "2026-04-27", 5, WD, suspension("2026-04-29", "2026-05-06"), "2026-05-09",
           "28, 29 = 2, 30 and May 6 out, 7, 8 = 4, Sat 9 worked = 5"),
    Vector("over Spring Festival 2026", "2026-02-02", 20, WD, suspension("2026-02-13", "2026-02-24"), "2026-03-10",
           "3–6 = 4, 9–13 = 9, Sat 14 and Tue 24 out, 25–27 = 12, Sat 28 worked = 13, Mar 2–6 = 18, 9, 10 = 20"),
    Vector("begun and ended on one day", "2026-03-02", 20, WD, suspension("2026-03-09 09:00", "2026-03-09 16:00"),
           "2026-03-30", f"out: nothing; {TO_MARCH}"),
    Vector("calendar days, then a holiday at the end", "2026-04-01", 20, ND, suspension("2026-04-05", "2026-04-15"),
           "2026-05-06", "Apr 21 = 20, 10 out: May 1; 1–5 off, Wed 6"),
    Vector("a month, longer by the days taken out", "2026-04-01", 1, MONTHS, suspension("2026-04-05", "2026-04-15"),
           "2026-05-11", "May 1, 10 out: Mon 11"),
    Vector("begun and ended at one moment", "2026-03-02", 20, WD, suspension("2026-03-09", "2026-03-09"), "2026-03-30",
           f"out: nothing; {TO_MARCH}"),
    Vector("hours, exactly", "2026-05-01", 48, HOURS, suspension("2026-05-01 12:00", "2026-05-01 15:30"),
           "2026-05-03 13:30", "48 and 3½"),
    Vector("hours that overlap", "2026-03-02 09:00", 24, HOURS,
           [*suspension("2026-03-02 10:00", "2026-03-02 12:00"), *suspension("2026-03-02 11:00", "2026-03-02 14:00")],
           "2026-03-03 13:00", "24 and 4"),
    Vector("into a year without a notice", "2026-12-20", 5, WD, suspension("2026-12-24", "2027-01-04"), "2027-01-05",
           "21–24 = 4; 25, 28–31, Fri 1, Mon 4 out; Tue 5 = 5", provisional=True),
]  # fmt: skip

STOOD_STILL_AT_THE_END = [
    Vector("resumed on a working day", "2026-03-02", 20, WD, suspension("2026-03-30", "2026-04-02"), "2026-04-02",
           "20 on Mar 30, which it did not close running; ends on the day of the resumption"),
    Vector("resumed on a Saturday", "2026-03-02", 20, WD, suspension("2026-03-30", "2026-04-04"), "2026-04-07",
           "20 on Mar 30; Sat 4, Sun 5, Mon 6 off, Tue 7"),
    Vector("resumed after hours", "2026-03-02", 20, WD, suspension("2026-03-30", "2026-04-07 18:00"), "2026-04-08",
           "20 on Mar 30; on Tue 7 the hall had closed, Wed 8"),
    Vector("resumed on the stroke of closing", "2026-03-02", 20, WD, suspension("2026-03-30", "2026-04-07 17:30"),
           "2026-04-07", "20 on Mar 30; running when the hall closes on Tue 7"),
    Vector("resumed within the day", "2026-03-02", 20, WD, suspension("2026-03-30 09:00", "2026-03-30 16:00"),
           "2026-03-30", "20 on Mar 30, and running when the hall closed"),
    Vector("one day left when it was suspended", "2026-03-02", 20, WD, suspension("2026-03-27", "2026-04-04"),
           "2026-04-07", "19 on Mar 27; 4–6 off, Tue 7 = 20"),
    Vector("suspended twice on the last day", "2026-03-02", 20, WD,
           [*suspension("2026-03-30", "2026-04-01"), *suspension("2026-04-01 15:00", "2026-04-11")], "2026-04-13",
           "20 on Mar 30; running for five hours on Apr 1; Sat 11 off, Mon 13"),
    Vector("calendar days, suspended on the Monday to which they moved", "2026-03-05", 9, ND,
           suspension("2026-03-16", "2026-03-18"), "2026-03-18", "Sat 14 = 9, so Mon 16; then Wed 18"),
    Vector("a month, resumed on a Saturday", "2026-02-10", 1, MONTHS, suspension("2026-03-10", "2026-03-14"),
           "2026-03-16", "Tue Mar 10; Sat 14 off, Mon 16"),
    Vector("at once, suspended over the weekend", "2026-03-06", 0, WD, suspension("2026-03-06 11:00", "2026-03-08"),
           "2026-03-09", "Fri 6; Sun 8 off, Mon 9"),
    Vector("hours, suspended at the last moment", "2026-03-02 09:00", 24, HOURS,
           suspension("2026-03-03 09:00", "2026-03-05 16:00"), "2026-03-05 16:00", "24 at 9 o'clock; the resumption"),
]  # fmt: skip

EXTENDED_AND_AMENDED = [
    Vector("extended", "2026-03-02", 20, WD, [extension("2026-03-25", 10)], "2026-04-14",
           "Mar 30 + 10: 31 = 1, Apr 1–3 = 4, 7–10 = 8, 13, 14 = 10"),
    Vector("extended before the special procedure", "2026-03-02", 20, WD, [extension("2026-03-05", 10), *FIRST],
           "2026-04-27", "as if extended afterwards: Apr 13 + 10"),
    Vector("extended while suspended", "2026-03-02", 20, WD, [*FIRST, extension("2026-03-16", 10)], "2026-04-27",
           "Apr 13 + 10"),
    Vector("extended by two acts", "2026-03-02", 20, WD, [extension("2026-03-16", 10), extension("2026-04-10", 5)],
           "2026-04-21", "Apr 14 + 5: 15–17 = 3, 20, 21 = 5"),
    Vector("extended over National Day", "2026-09-01", 20, WD, [extension("2026-09-28", 10)], "2026-10-19",
           "Sep 2–4 = 3, 7–11 = 8, 14–18 = 13, Sun 20 worked = 14, 21–24 = 18, Fri 25 off, 28, 29 = 20, 30 = 21, "
           "Oct 1–7 off, 8, 9 = 23, Sat 10 worked = 24, 12–16 = 29, 19 = 30"),
    Vector("extended in the last minute", "2026-03-02", 20, WD, [extension("2026-03-30 17:30", 10)], "2026-04-14",
           "Mar 30 + 10"),
    Vector("extended a minute late", "2026-03-02", 20, WD, [extension("2026-03-30 17:31", 10)], "2026-03-30", TO_MARCH),
    Vector("suspended a minute late", "2026-03-02", 20, WD, suspension("2026-03-30 17:31", "2026-04-10"), "2026-03-30",
           TO_MARCH),
    Vector("calendar days extended are one limit, moved once", "2026-01-05", 60, ND,
           [extension("2026-03-02", 30, ND)], "2026-04-07",
           "90: 26 to Jan 31, 54 to Feb 28, 85 to Mar 31, Sun Apr 5 = 90; Mon 6 off, Tue 7"),
    Vector("months extended from the end of January", "2026-01-31", 1, MONTHS, [extension("2026-02-10", 1, MONTHS)],
           "2026-03-31", "two months: Tue Mar 31, not a month after Feb 28"),
    Vector("hours extended", "2026-03-02 09:00", 24, HOURS, [extension("2026-03-02 15:00", 12, HOURS)],
           "2026-03-03 21:00", "36"),
    Vector("amended", "2026-03-02", 20, WD, [amendment("2026-03-10", 45)], "2026-05-08", "45 from 2 March, as above"),
    Vector("amended after a suspension", "2026-03-02", 20, WD, [*FIRST, amendment("2026-03-24", 45)], "2026-05-20",
           "May 8 + 9: Sat 9 worked = 1, 11–15 = 6, 18–20 = 9"),
    Vector("amended before a suspension", "2026-03-02", 20, WD, [amendment("2026-03-05", 45), *FIRST], "2026-05-20",
           "the same 45 + 9"),
    Vector("amended to calendar days", "2026-03-02", 20, WD, [amendment("2026-03-05", 30, ND)], "2026-04-01",
           "29 to Mar 31, Wed Apr 1 = 30"),
    Vector("at once, amended on the day", "2026-03-06", 0, WD, [amendment("2026-03-06 15:00", 5)], "2026-03-13",
           "9–13 = 5"),
    Vector("at once, amended a day late", "2026-03-06", 0, WD, [amendment("2026-03-09", 5)], "2026-03-06",
           "the limit had ended on the 6th"),
    Vector("hours amended to less than was used", "2026-03-02 09:00", 48, HOURS,
           [*suspension("2026-03-03 15:00", "2026-03-03 20:00"), amendment("2026-03-04 09:00", 24, HOURS)],
           "2026-03-03 20:00", "24 and 5 are 2 p.m. of the 3rd, before it stood still; the resumption"),
    Vector("amended to less than was used", "2026-03-02", 45, WD, [amendment("2026-03-20", 5)], "2026-03-09",
           "3–6 = 4, 9 = 5"),
]  # fmt: skip

VECTORS = [
    *OF_THE_DOMAIN,
    *WORKING_DAYS,
    *SAME_DAY,
    *CALENDAR_DAYS,
    *SUSPENDED,
    *STOOD_STILL_AT_THE_END,
    *EXTENDED_AND_AMENDED,
]


def test_there_are_the_vectors_of_the_domain_and_more_than_forty_others() -> None:
    assert len(OF_THE_DOMAIN) == 16
    assert len({vector.name for vector in VECTORS}) == len(VECTORS) > 56


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_limit_ends_on_the_day_that_was_counted_by_hand(vector: Vector) -> None:
    begun = start(vector.begun, vector.amount, vector.unit)
    found = state(begun, *vector.changes)
    assert found.due_at is not None, vector.how
    ends = local(found.due_at)
    assert ends == (vector.due if " " in vector.due else f"{vector.due} 17:30"), vector.how
    assert found.provisional is vector.provisional


@pytest.mark.parametrize("vector", [one for one in VECTORS if one.changes], ids=lambda vector: vector.name)
def test_the_order_in_which_a_ledger_was_written_never_matters(vector: Vector) -> None:
    entries = [start(vector.begun, vector.amount, vector.unit), *vector.changes]
    wanted = state(*entries)
    for seed in range(24):
        random.Random(seed).shuffle(entries)
        assert state(*entries) == wanted


@pytest.mark.parametrize(
    ("since", "today", "if_resumed", "how"),
    [
        ("2026-03-09", "2026-03-12", "2026-04-02", "out so far: 10–12 = 3; Mar 30 + 3: 31, Apr 1, 2"),
        ("2026-03-09", "2026-03-14", "2026-04-03", "out so far: 10–13 = 4; Apr 3"),
        ("2026-03-30", "2026-04-04", "2026-04-07", "20 on Mar 30; Sat 4 to Mon 6 off"),
        ("2026-03-30", "2026-04-02 18:00", "2026-04-03", "20 on Mar 30; on Thu 2 the hall has closed"),
    ],
)
def test_while_suspended_nothing_falls_due(since: str, today: str, if_resumed: str, how: str) -> None:
    found = state(start("2026-03-02", 20), *suspension(since), as_of=at(today))
    assert (found.suspended, found.running, found.due_at) == (True, False, None)
    assert found.due_on.isoformat() == if_resumed, how


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2026-03-05", "2026-03-30"), ("2026-03-23", "2026-04-13"), ("2026-04-10", "2026-04-27")],
)
def test_the_past_can_be_asked_for(today: str, expected: str) -> None:
    entries = [start("2026-03-02", 20), *FIRST, extension("2026-04-10", 10)]
    assert due(*entries, as_of=at(today)) == expected
