"""What a card reader types, and what a number says by itself. Every number is invented; its check character fits."""

from __future__ import annotations

from datetime import date

import pytest

from workflows.errors import Malformed
from workflows.identification import identify, read_format, read_shown, sex_of

TODAY = date(2026, 3, 2)
OLD, FIRM = "11010519491231002X", "91350100M000100Y43"
USUAL = read_format("name|sex|ethnicity|born|address|number")


def test_a_card_is_read_whole() -> None:
    shown = read_shown(f" 示例王 | 女|汉|1949年12月31日|示例省示例市示例路1号|{OLD}\n", USUAL)
    assert (shown.name, shown.address, shown.number) == ("示例王", "示例省示例市示例路1号", OLD)
    assert "示例" not in repr(shown)


def test_a_number_alone_is_a_number_whatever_the_format() -> None:
    assert read_shown(f"{OLD} ", USUAL).number == OLD
    assert read_shown(OLD, read_format("number")).number == OLD
    assert read_shown(f"没读的,{OLD}", read_format("other,number")).number == OLD


@pytest.mark.parametrize(
    "line",
    [f"示例王|女|{OLD}", f"示例王|女|汉|19500101|示例路|{OLD}", f"示例王|女|汉|19491231|示例路|{OLD}|多"],
)
def test_a_line_that_is_not_of_the_format_is_refused_without_repeating_it(line: str) -> None:
    with pytest.raises(Malformed) as found:
        read_shown(line, USUAL)
    assert found.value.code == "card_line_wrong"
    assert "示例" not in found.value.zh + found.value.en


@pytest.mark.parametrize(
    "text", ["", "name|sex", "name\tnumber", "name|number|number", "name|number,sex", "name|colour|number"]
)
def test_a_format_that_nobody_could_read_by_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"separator|number"):
        read_format(text)


def test_the_number_says_which_kind_it_is_and_whose() -> None:
    old = identify(OLD.lower(), "uscc", TODAY)
    assert (old.kind, old.id_kind, old.number) == ("person", "resident_id", OLD)
    assert (old.born, old.sex, old.elderly) == (date(1949, 12, 31), "female", True)
    firm = identify(FIRM, "resident_id", TODAY)
    assert (firm.kind, firm.id_kind, firm.born, firm.sex, firm.elderly) == ("organisation", "uscc", None, None, False)
    assert identify("E12345678", "passport", TODAY).kind == "person"
    assert sex_of("110105194912310011", date(1949, 12, 31)) == "male"


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        ("110105194912310021", "resident_id", "id_check_failed"),
        ("110105194912310021", "", "id_check_failed"),
        ("91350100M000100Y44", "uscc", "id_check_failed"),
        ("91350100M000100Y44", "resident_id", "id_check_failed"),
        ("E1", "passport", "id_form_wrong"),
        (OLD, "library_card", "id_kind_unknown"),
    ],
)
def test_a_number_that_cannot_be_is_refused(number: str, kind: str, code: str) -> None:
    with pytest.raises(Malformed) as found:
        identify(number, kind, TODAY)
    assert found.value.code == code
    assert number not in found.value.zh + found.value.en
