"""Pages in order: every edit can be replayed and taken back, and originals are never touched."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.arrangement import ArrangedPage, Edit, Originals, PageEdit, arrange, check_edit, edited
from workflows.errors import Conflict, Malformed

A, B, C = (UUID(int=number) for number in (1, 2, 3))
CAME = [Originals("M01", A, (1, 2, 3)), Originals("M02", B, (4, 5))]


def shown(pages: dict[str, tuple[ArrangedPage, ...]]) -> dict[str, str]:
    """Each line as ``scan.page`` in order, with the turn behind a slash."""
    return {
        line: " ".join(f"{'_abc'[p.scan.int]}{p.page}" + (f"/{p.turned}" if p.turned else "") for p in row)
        for line, row in pages.items()
    }


def test_pages_stand_as_they_came() -> None:
    pages = arrange(CAME, [])
    assert shown(pages) == {"M01": "a1 a2 a3", "M02": "b4 b5"}
    assert [page.position for page in pages["M01"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        (PageEdit(Edit.MOVE, "M01", A, 3, "M01", 1), {"M01": "a3 a1 a2", "M02": "b4 b5"}),
        (PageEdit(Edit.MOVE, "M01", A, 1, "M01", 0), {"M01": "a2 a3 a1", "M02": "b4 b5"}),
        (PageEdit(Edit.MOVE, "M01", A, 2, "M02", 2), {"M01": "a1 a3", "M02": "b4 a2 b5"}),
        (PageEdit(Edit.MOVE, "M01", A, 2, "M07", 1), {"M01": "a1 a3", "M02": "b4 b5", "M07": "a2"}),
        (PageEdit(Edit.TURN, "M02", B, 5, turned=270), {"M01": "a1 a2 a3", "M02": "b4 b5/270"}),
        (PageEdit(Edit.REMOVE, "M02", B, 4), {"M01": "a1 a2 a3", "M02": "b5"}),
        (PageEdit(Edit.RETURN, "M02", B, 4), {"M01": "a1 a2 a3", "M02": "b5"}),
        (PageEdit(Edit.PLACE, "", C, 9, "M02", 1), {"M01": "a1 a2 a3", "M02": "c9 b4 b5"}),
    ],
)
def test_each_edit_does_what_it_says(edit: PageEdit, after: dict[str, str]) -> None:
    pages = arrange(CAME, [])
    check_edit(pages, edit)
    assert shown(edited(pages, edit)) == after
    assert shown(arrange(CAME, [edit])) == after


def test_a_turn_travels_with_its_page() -> None:
    turned = PageEdit(Edit.TURN, "M01", A, 1, turned=90)
    assert shown(arrange(CAME, [turned, PageEdit(Edit.MOVE, "M01", A, 1, "M02", 1)]))["M02"] == "a1/90 b4 b5"


def test_undoing_is_a_further_edit() -> None:
    removed = PageEdit(Edit.REMOVE, "M01", A, 2)
    back = PageEdit(Edit.PLACE, "", A, 2, "M01", 2)
    assert arrange(CAME, [removed, back]) == arrange(CAME, [])


def test_a_line_that_lost_its_last_page_is_gone() -> None:
    edits = [PageEdit(Edit.REMOVE, "M02", B, 4), PageEdit(Edit.REMOVE, "M02", B, 5)]
    assert set(arrange(CAME, edits)) == {"M01"}


def test_a_new_version_takes_the_place_of_the_old_one() -> None:
    came = [Originals("M01", A, (1, 2)), Originals("M01", B, (1,)), Originals("M01", C, (1, 2, 3))]
    assert shown(arrange(came, [PageEdit(Edit.REPLACE, "M01", A, by=C)]))["M01"] == "c1 c2 c3 b1"
    moved = PageEdit(Edit.MOVE, "M01", A, 2, "M02", 1)
    after = arrange(came, [moved, PageEdit(Edit.REPLACE, "M01", A, by=C)])
    assert shown(after) == {"M01": "c1 c2 c3 b1", "M02": "a2"}


def test_a_replacement_after_the_last_page_was_removed_stands_at_the_end() -> None:
    came = [Originals("M01", A, (1,)), Originals("M01", B, (1,)), Originals("M01", C, (1,))]
    edits = [PageEdit(Edit.REMOVE, "M01", A, 1), PageEdit(Edit.REPLACE, "M01", A, by=C)]
    assert shown(arrange(came, edits))["M01"] == "b1 c1"


def test_what_comes_later_stands_behind_what_was_put_in_order_before() -> None:
    edits = [PageEdit(Edit.MOVE, "M01", A, 3, "M01", 1), PageEdit(Edit.MOVE, "M02", B, 4, "M01", 2)]
    assert shown(arrange([*CAME, Originals("M01", C, (1,))], edits))["M01"] == "a3 b4 a1 a2 c1"


@pytest.mark.parametrize(
    ("edit", "error", "code"),
    [
        (PageEdit(Edit.TURN, "M01", A, 1, turned=45), Malformed, "turn_wrong"),
        (PageEdit(Edit.MOVE, "M01", A, 4, "M01", 1), Conflict, "page_not_there"),
        (PageEdit(Edit.REMOVE, "M02", A, 1), Conflict, "page_not_there"),
        (PageEdit(Edit.PLACE, "", A, 1, "M01", 1), Conflict, "page_already_there"),
        (PageEdit(Edit.MOVE, "M01", A, 1, "M01", 4), Malformed, "position_wrong"),
        (PageEdit(Edit.MOVE, "M01", A, 1, "M02", 4), Malformed, "position_wrong"),
        (PageEdit(Edit.PLACE, "", C, 1, "M02", -1), Malformed, "position_wrong"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(edit: PageEdit, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as refusal:
        check_edit(arrange(CAME, []), edit)
    assert getattr(refusal.value, "code", "") == code


EDITS = st.builds(
    PageEdit,
    st.sampled_from([Edit.MOVE, Edit.TURN, Edit.REMOVE, Edit.PLACE]),
    st.sampled_from(["M01", "M02", "M03"]),
    st.sampled_from([A, B]),
    st.integers(1, 5),
    st.sampled_from(["M01", "M02", "M03"]),
    st.integers(0, 6),
    st.sampled_from([0, 90, 180, 270]),
)


@given(st.lists(EDITS, max_size=30))
@settings(max_examples=200, deadline=None)
def test_no_page_stands_twice_in_a_line_and_positions_have_no_gaps(wished: list[PageEdit]) -> None:
    pages = arrange(CAME, [])
    made: list[PageEdit] = []
    for edit in wished:
        try:
            check_edit(pages, edit)
        except (Conflict, Malformed):
            continue
        made.append(edit)
        pages = edited(pages, edit)
    assert pages == arrange(CAME, made)
    for line, row in pages.items():
        assert [page.position for page in row] == list(range(1, len(row) + 1))
        assert len({(page.scan, page.page) for page in row}) == len(row)
        assert {page.line for page in row} == {line}
