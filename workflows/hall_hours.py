"""A hall's time zone and hours: which date a moment belongs to, and when a date's business is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class HallHours:
    """The hall's time zone and its hours; a limit ends at ``closes`` on its due day (民法典203(2)).

    :param opens: start of business in hall time. :param closes: end of business in hall time.
    """

    zone: ZoneInfo = _CHINA
    opens: time = time(8, 30)
    closes: time = time(17, 30)

    def day(self, at: datetime) -> date:
        """The hall's date at that moment."""
        return at.astimezone(self.zone).date()

    def closing(self, on: date) -> datetime:
        """When the hall closes on that date, in UTC."""
        return _at(self.zone, self.closes, on)

    def opening(self, on: date) -> datetime:
        """When the hall opens on that date, in UTC."""
        return _at(self.zone, self.opens, on)

    def open_day(self, at: datetime) -> date:
        """The hall's date at that moment, or the next date once the hall has closed."""
        day = self.day(at)
        return day if at <= self.closing(day) else day + timedelta(days=1)


@lru_cache(maxsize=4096)
def _at(zone: ZoneInfo, clock: time, on: date) -> datetime:
    return datetime.combine(on, clock, zone).astimezone(UTC)
