"""The figures of what the demo did, as the hall's manager reads them."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from api.cli.demo.client import Desk

FIGURES: Final = (
    "received", "accepted", "closed", "on_time_rate", "statutory_on_time_rate", "overdue_rate", "notice_once_rate",
    "offending_lines", "notice_on_time_rate", "notice_same_day_rate", "deemed_acceptances", "notice_lines_complete",
    "notice_served_rate", "one_visit_rate", "good_rate", "scan_completeness", "receipt_given",
)  # fmt: skip
"""Volume, timeliness, and the rules A1 to A7 of the one-time notice."""
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_WAIT_SECONDS: Final = 30.0


def figures_of(desk: Desk) -> list[dict[str, Any]]:
    """The figures of the days up to today, once everything done so far is in them."""
    done = datetime.now(UTC)
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        today = datetime.now(_ZONE).date()
        answer = desk.get(f"/metrics/{','.join(FIGURES)}", **_days(today))
        if datetime.fromisoformat(answer["as_of"]) >= done or time.monotonic() > deadline:
            return list(answer["figures"])
        time.sleep(0.5)


def _days(today: date) -> dict[str, str]:
    return {"from": str(today - timedelta(days=30)), "to": str(today)}


def count(figures: list[dict[str, Any]]) -> None:
    """Print the figures, each with what it was made of."""
    click.secho("\n时效与一次性告知指标（近30天，以审计链为准） figures, from the trail alone", bold=True)
    for figure in figures:
        title, total = figure["definition"]["title"], figure["total"]
        made = total["numerator"] if total["denominator"] is None else f"{total['numerator']} / {total['denominator']}"
        click.echo(f"  {_shown(figure, total):>8}  {made!s:>9}  {title}  {figure['definition']['title_en']}")


def _shown(figure: dict[str, Any], total: dict[str, Any]) -> str:
    if total["value"] is None:
        return "无数据"
    rate = figure["definition"]["kind"] in {"rate", "share"}
    if rate:
        return f"{float(total['value']):.1%}"
    return str(total["numerator"] if total["denominator"] is None else total["value"])
