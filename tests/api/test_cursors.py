"""Where a page begins is text that anybody can make up: what the database could not read is no cursor."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from api.rest.cursors import MomentPlace, UrgentPlace, read_cursor, write_cursor
from workflows.errors import Malformed

KEY = UUID(int=7)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize(("told", "kind"), [('["at","{}","{}"]', MomentPlace), ('["due",0,"{}","{}"]', UrgentPlace)])
def test_a_moment_outside_all_moments_in_utc_is_no_cursor(moment: str, told: str, kind: Any) -> None:
    text = urlsafe_b64encode(told.format(moment, KEY).encode()).decode()
    with pytest.raises(Malformed, match="unknown_cursor"):
        read_cursor(text, kind)


def test_the_first_and_the_last_moment_are_read_back() -> None:
    for moment in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        place = MomentPlace(moment, KEY)
        assert read_cursor(write_cursor(place), MomentPlace) == place


def test_urgency_reaches_the_database_as_it_can_read_it() -> None:
    for told, meant in (
        ("2026-03-02 01:00:00.5+08", "2026-03-01T17:00:00.500000+00:00"),
        ("2026-W10-1T00:00:00+00:00", "2026-03-02T00:00:00+00:00"),
        ("infinity", "infinity"),
    ):
        assert read_cursor(write_cursor(UrgentPlace(0, told, KEY)), UrgentPlace).urgency == meant
