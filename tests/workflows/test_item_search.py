"""A clerk finds an item by whatever of it comes to their fingers first."""

from __future__ import annotations

import pytest

from workflows.item_search import Findable, rank


def item(code: str, name: str, spoken: str, name_en: str = "") -> Findable:
    """``spoken``: the syllables of the name, one for each character, several readings with a slash between them."""
    return Findable(code, name, name_en, tuple(tuple(one.split("/")) for one in spoken.split()))


FOOD = item("1146010000", "食品经营许可", "shi pin jing ying xu ke", "Food business permit")
FARM = item("1146010001", "农药经营许可", "nong yao jing ying xu ke", "Pesticide business permit")
HOME = item("1146010002", "房屋（新）重建", "fang wu （ xin ） chong/zhong jian", "House rebuilding")
ALL = (FOOD, FARM, HOME)


def found(text: str) -> list[str]:
    """The codes' last digits that fit, the best first."""
    ranked = [(place, one.code[-1]) for one in ALL if (place := rank(one, text)) is not None]
    return [code for _, code in sorted(ranked)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["0", "1", "2"]),
        ("食品", ["0"]),
        ("经营", ["0", "1"]),
        ("spjy", ["0"]),
        ("SPJY", ["0"]),
        ("ＳＰＪＹ", ["0"]),
        ("shipin", ["0"]),
        ("shipj", ["0"]),
        ("shi pin", ["0"]),
        ("jyxk", ["0", "1"]),
        ("nyxk", ["1"]),
        ("chong", ["2"]),
        ("zhongj", ["2"]),
        ("1146010001", ["1"]),
        ("１１４６０１０００１", ["1"]),
        ("房屋(新)", ["2"]),
        ("114601", ["0", "1", "2"]),
        ("pesti", ["1"]),
        ("开饭店", ["0"]),
        ("我想开个 饭店", ["0"]),
        ("奶茶", ["0"]),
        ("open a restaurant", ["0"]),
        ("除草", ["1"]),
        ("店", []),
        ("shopping", []),
        ("zz", []),
        ("sp食品", []),
        ("x%'_", []),
    ],
)
def test_what_is_typed_finds(text: str, codes: list[str]) -> None:
    assert found(text) == codes


def test_the_beginning_of_a_name_comes_before_its_middle_and_gaps_come_last() -> None:
    later = item("1146010003", "小食品店", "xiao shi pin dian")
    assert (rank(FOOD, "sp") or 0) < (rank(later, "sp") or 0)
    assert (rank(FOOD, "食品") or 0) < (rank(later, "食品") or 0)
    assert (rank(FOOD, "spjy") or 0) < (rank(FOOD, "spxk") or 0)
    assert rank(FOOD, FOOD.code) == 0
