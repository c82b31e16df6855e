"""Checkpoints as they are signed: one form of bytes, days in order, and what does not follow is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from workflows.checkpoint import (
    FORMAT,
    GENESIS,
    Head,
    Header,
    bounds_of,
    digest_of,
    due_days,
    end_of,
    first_difference,
    misfits,
    read_header,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 2)


def header(number: int = 1, day: date = DAY, previous: str = GENESIS) -> Header:
    until = end_of(day, SHANGHAI)
    return Header(
        FORMAT, number, day, until, until + timedelta(minutes=5), "sha256", 2, "ab" * 32, previous, "k", "ed25519"
    )


def test_a_header_has_one_form() -> None:
    text = header().encode()
    assert text.startswith(b'{"algorithm":"sha256","day":"2026-03-02",')
    assert read_header(text) == read_header(text.decode()) == header()
    for other in (text.replace(b",", b", "), text.replace(b'"format":1', b'"format":2'), b"[]", b""):
        with pytest.raises(ValueError):  # noqa: PT011  # which part is wrong does not matter
            read_header(other)


def test_a_leaf_names_chain_number_and_digest() -> None:
    assert Head("460000", 3, "ab").line() == b'{"chain":"460000","digest":"ab","seq":3}'


def test_every_day_that_is_over_has_its_turn_in_order() -> None:
    midnight = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
    assert end_of(date(2026, 3, 4), SHANGHAI) == midnight
    assert due_days(None, midnight, SHANGHAI) == [date(2026, 3, 4)]
    assert due_days(header(), midnight, SHANGHAI) == [date(2026, 3, 3), date(2026, 3, 4)]
    assert due_days(header(), midnight - timedelta(seconds=1), SHANGHAI) == [date(2026, 3, 3)]
    assert due_days(header(day=date(2026, 3, 4)), midnight, SHANGHAI) == []
    assert due_days(header(day=date(2026, 3, 9)), midnight, SHANGHAI) == []


def test_a_day_of_which_a_part_was_sealed_at_once_still_has_its_turn() -> None:
    early = msgspec.structs.replace(header(), until=end_of(DAY, SHANGHAI) - timedelta(hours=6))
    assert due_days(early, end_of(DAY, SHANGHAI) - timedelta(seconds=1), SHANGHAI) == []
    assert due_days(early, end_of(DAY, SHANGHAI), SHANGHAI) == [DAY]
    assert due_days(early, end_of(DAY, SHANGHAI) + timedelta(days=1), SHANGHAI) == [DAY, DAY + timedelta(days=1)]


def test_what_a_checkpoint_is_the_first_to_seal_is_no_older_than_the_end_of_those_before() -> None:
    one, two, hour = end_of(DAY, SHANGHAI), end_of(DAY + timedelta(days=1), SHANGHAI), timedelta(hours=1)
    assert bounds_of([], hour) == {}
    assert bounds_of([(1, one)], hour) == {0: one - hour}
    assert bounds_of([(1, one), (2, two), (3, two)], hour) == {2: one - hour, 3: one - hour, 0: two - hour}


def test_what_does_not_follow_is_said() -> None:
    first = header()
    after = digest_of(first.encode())
    second = header(2, DAY + timedelta(days=1), after)
    assert list(misfits(first, None, GENESIS)) == []
    assert list(misfits(second, first, after)) == []
    assert list(misfits(header(2, DAY, after), first, after)) == []

    def codes(one: Header, before: Header | None, digest: str) -> list[str]:
        return [code for code, _, _ in misfits(one, before, digest)]

    assert codes(second, None, GENESIS) == ["checkpoint_missing", "checkpoint_link"]
    assert codes(msgspec.structs.replace(second, previous=GENESIS), first, after) == ["checkpoint_link"]
    assert codes(header(2, DAY + timedelta(days=2), after), first, after) == ["checkpoint_order"]
    assert codes(header(2, DAY - timedelta(days=1), after), first, after) == ["checkpoint_order"]


def test_the_place_where_two_lists_part_is_named() -> None:
    lines = [Head(chain, 1, "ab").line() for chain in "abc"]
    assert first_difference(lines, lines) is None
    assert first_difference(lines, [lines[0], lines[2]]) == (1, {"chain": "b", "seq": 1, "digest": "ab"})
    assert first_difference(lines[:2], lines) == (2, {"chain": "c", "seq": 1, "digest": "ab"})
