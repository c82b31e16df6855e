"""Certificates: how long one is valid."""

from __future__ import annotations

from datetime import date, timedelta

from workflows.calendar import same_day_in_month


def valid_until(start: date, months: int | None) -> date | None:
    """The last day of validity, both ends included: five years from 2026-05-08 end on 2031-05-07.

    :param start: first day of validity, hall date. :param months: None means without end.
    """
    return None if months is None else same_day_in_month(start, months) - timedelta(days=1)
