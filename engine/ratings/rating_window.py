"""Until when an applicant may rate a case: a number of days after its last delivery (补充评价)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from engine.context import Context
from storage import ratings
from workflows.errors import Conflict
from workflows.rating_rules import check_window


async def require_window(context: Context, case: Mapping[str, Any], now: datetime) -> None:
    """Refuse a rating that comes too late. :param case: as :func:`storage.cases.read` gives it. :param now: UTC.

    :raises Conflict: ``rating_window_over``.
    """
    delivered_at = await ratings.delivered_at(case["id"])
    if delivered_at is not None:
        hours = context.hours(case["hall_hours"])
        check_window(hours.day(delivered_at), hours.day(now), context.settings.rating_days)


async def may_still_rate(context: Context, case: Mapping[str, Any], now: datetime) -> bool:
    """Whether a rating would be in time. :param now: UTC."""
    try:
        await require_window(context, case, now)
    except Conflict:
        return False
    return True


async def last_day(context: Context, case: Mapping[str, Any]) -> date | None:
    """The last hall day on which a rating is taken; None before delivery."""
    delivered_at = await ratings.delivered_at(case["id"])
    if delivered_at is None:
        return None
    return context.hours(case["hall_hours"]).day(delivered_at) + timedelta(days=context.settings.rating_days)
