"""Pickup codes: how one is read, and how many wrong ones are borne with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.situations import NOW
from workflows.errors import Malformed, TooMany
from workflows.pickup import LOCK, MOST_FAILURES, after_wrong_code, read_code, refuse_locked, wrong_code


@pytest.mark.parametrize("text", ["042917", " 042 917 ", "０４２９１７", "042\u3000917"])
def test_a_code_is_read_as_people_type_it(text: str) -> None:
    assert read_code(text) == "042917"


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "12-345", "²²²²²²", "一二三四五六"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as found:
        read_code(text)
    assert found.value.code == "pickup_code_malformed"


def test_the_fifth_wrong_code_locks_for_half_an_hour_and_the_count_begins_anew() -> None:
    failures, told = 0, []
    for _ in range(MOST_FAILURES):
        failures, locked = after_wrong_code(failures, NOW)
        told.append((wrong_code(failures).extra["left"], locked))
    assert told == [(4, None), (3, None), (2, None), (1, None), (0, NOW + LOCK)]
    assert failures == 0


def test_a_lock_ends_to_the_second() -> None:
    refuse_locked(None, NOW)
    refuse_locked(NOW, NOW)
    with pytest.raises(TooMany) as found:
        refuse_locked(NOW + timedelta(seconds=1), NOW)
    assert found.value.basis
