"""What a submission counts as, whose intention is asked, and whom a refusal points to."""

from __future__ import annotations

from datetime import date

import pytest

from tests.workflows.situations import item_with, situation
from tests.workflows.test_notice_guards import passes, refusal
from workflows.guards import SELECTORS
from workflows.party import born_on, is_elderly, resident_id_check_character


def test_submitting_is_handing_in_where_the_item_is_handled_online_throughout() -> None:
    for online in (True, False):
        here = situation("NEW", item=item_with(online_acceptance=online))
        assert SELECTORS["submission_is_receipt"].check(here) is online
        assert SELECTORS["submission_is_not_receipt"].check(here) is not online


@pytest.mark.parametrize(
    ("asks", "circumstances", "flags", "barred"),
    [
        (True, {"elder"}, set(), True),
        (True, set(), {"elderly"}, True),
        (True, {"elder"}, {"elderly", "intention_recorded"}, False),
        (True, {"agent"}, set(), False),
        (False, {"elder"}, {"elderly"}, False),
    ],
)
def test_an_elderly_persons_true_intention_is_recorded_before_acceptance(
    asks: bool, circumstances: set[str], flags: set[str], barred: bool
) -> None:
    here = situation(item=item_with(asks_intention=asks), situation=frozenset(circumstances), flags=frozenset(flags))
    if barred:
        found = refusal("intention_recorded", here)
        assert (found.code, found.basis) == ("intention_not_recorded", "老年人权益保障法55")
    else:
        passes("intention_recorded", here)


def test_the_record_of_an_intention_is_signed() -> None:
    passes("intention_signed", situation(payload={"signed": True}))
    assert refusal("intention_signed", situation(payload={"signed": False})).basis == "老年人权益保障法55"


@pytest.mark.parametrize(
    ("article", "named"),
    [
        ("行政许可法32(1)(2)", True),
        ("行政许可法32（1）（2）", True),
        ("《行政许可法》第三十二条第一款第（二）项", True),
        ("行政许可法第32条 第1款 第2项", True),
        ("行政许可法第三十二条第二项", True),
        ("行政许可法32(1)(1)", False),
        ("行政许可法32(2)", False),
        ("行政许可法78", False),
        ("行政许可法第七十八条", False),
        ("32", False),
    ],
)
def test_who_is_sent_away_as_another_authoritys_learns_which(article: str, named: bool) -> None:
    passes("right_authority_named", situation("ESCALATED", payload={"article": article, "right_authority": "示例局"}))
    for silent in ({"article": article}, {"article": article, "right_authority": " "}):
        if named:
            found = refusal("right_authority_named", situation("ESCALATED", payload=silent))
            assert (found.code, found.basis) == ("right_authority_missing", "行政许可法32(1)(2)")
        else:
            passes("right_authority_named", situation("ESCALATED", payload=silent))


def resident(born: str) -> str:
    digits = f"460100{born}001"
    return digits + resident_id_check_character(digits)


@pytest.mark.parametrize(
    ("born", "on", "elderly"),
    [
        ("19660302", date(2026, 3, 2), True),
        ("19660303", date(2026, 3, 2), False),
        ("19640229", date(2024, 2, 28), False),
        ("19640229", date(2024, 2, 29), True),
        ("19900101", date(2026, 3, 2), False),
        ("18991231", date(2026, 3, 2), True),
    ],
)
def test_sixty_years_are_counted_to_the_birthday(born: str, on: date, elderly: bool) -> None:
    assert is_elderly(born_on("resident_id", resident(born)), on) is elderly


def test_documents_without_a_birth_date_say_nothing_of_age() -> None:
    assert born_on("passport", "E12345678") is None
    assert born_on("uscc", "91350100M000100Y43") is None
    assert born_on("foreign_permanent_residence", "CAN110185050101") is None
    assert not is_elderly(None, date(2026, 3, 2))
