"""What a rating may still become, and the shares that are made of ratings."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from workflows.errors import Conflict, Forbidden, Malformed
from workflows.rating_rules import (
    Standing,
    check_follow_up,
    check_proposal,
    check_settlement,
    check_window,
    rates,
)

HANDLER, SUPERVISOR = UUID(int=1), UUID(int=2)
NOTHING = {"delivered": 0, "rated": 0, "good": 0, "bad": 0, "set_aside": 0, "followed_up": 0}


def test_the_last_day_to_rate_counts_and_the_day_after_is_too_late() -> None:
    check_window(date(2026, 3, 2), date(2026, 4, 1), 30)
    with pytest.raises(Conflict) as refused:
        check_window(date(2026, 3, 2), date(2026, 4, 2), 30)
    assert refused.value.code == "rating_window_over"
    assert "2026-04-01" in refused.value.zh


@pytest.mark.parametrize(
    ("rating", "code"),
    [(None, "no_bad_rating"), (Standing(3), "no_bad_rating"), (Standing(4, "proposed"), "rating_reviewed"),
     (Standing(5, "stands"), "rating_reviewed")],
)  # fmt: skip
def test_only_a_bad_rating_is_reviewed_and_only_once(rating: Standing | None, code: str) -> None:
    check_proposal(Standing(4))
    with pytest.raises(Conflict) as refused:
        check_proposal(rating)
    assert refused.value.code == code


def test_nobody_settles_their_own_proposal() -> None:
    check_settlement(Standing(5, "proposed", HANDLER), SUPERVISOR)
    with pytest.raises(Forbidden):
        check_settlement(Standing(5, "proposed", HANDLER), HANDLER)
    for rating in (None, Standing(5), Standing(5, "set_aside", HANDLER), Standing(5, "stands", HANDLER)):
        with pytest.raises(Conflict):
            check_settlement(rating, SUPERVISOR)


def test_a_rater_is_asked_after_the_rectification_and_answers_only_if_reached() -> None:
    done = Standing(4, "stands", rectified=True)
    check_follow_up(done, reached=False, satisfied=None)
    check_follow_up(done, reached=True, satisfied=False)
    for reached, satisfied in ((True, None), (False, True)):
        with pytest.raises(Malformed):
            check_follow_up(done, reached=reached, satisfied=satisfied)
    for rating in (Standing(4), Standing(2, rectified=True), Standing(4, "set_aside", rectified=True), None):
        with pytest.raises(Conflict):
            check_follow_up(rating, reached=True, satisfied=True)


def test_who_did_not_rate_and_what_was_set_aside_count_for_neither_side() -> None:
    found = rates({"delivered": 10, "rated": 5, "good": 3, "bad": 1, "set_aside": 1, "followed_up": 1})
    assert found == {
        "good_share": 3 / 4, "bad_share": 1 / 4, "active_share": 5 / 10, "unrated_share": 5 / 10, "follow_up_share": 1,
    }  # fmt: skip
    assert set(rates(NOTHING).values()) == {None}
