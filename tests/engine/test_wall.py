"""The wall screen of a hall with more windows than a screen has room for."""

from __future__ import annotations

from typing import Any

from engine.figures.wall import MOST_WINDOWS, busiest


def window(number: int) -> dict[str, Any]:
    """Window n, at which n cases wait."""
    return {"window": f"w{number:03}", "received": 1, "waiting": number, "in_progress": 0, "to_collect": 2}


def test_a_small_hall_shows_every_window() -> None:
    windows = [window(number) for number in range(MOST_WINDOWS)]
    assert busiest(windows) == (windows, None)


def test_a_large_hall_shows_the_busiest_in_their_order_and_the_sum_of_the_others() -> None:
    windows = [window(number) for number in range(111)]
    shown, others = busiest(windows)
    assert [row["window"] for row in shown] == [f"w{number:03}" for number in range(111 - (MOST_WINDOWS - 1), 111)]
    assert others is not None
    assert others["count"] + len(shown) == len(windows)
    for name in ("received", "waiting", "in_progress", "to_collect"):
        assert others[name] + sum(row[name] for row in shown) == sum(row[name] for row in windows)
