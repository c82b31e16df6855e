"""Identifiers of applicants: what is accepted, what is refused, and how little of them is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import Malformed
from workflows.party import (
    mask_address,
    mask_id,
    mask_mobile,
    mask_name,
    resident_id_check_character,
    uscc_check_character,
    validate_id,
    validate_mobile,
    validate_resident_id,
    validate_uscc,
)

RESIDENT = "11010519491231002X"
USCC = "91350100M000100Y43"


def resident(first17: str) -> str:
    return first17 + resident_id_check_character(first17)


@pytest.mark.parametrize(
    "typed", [RESIDENT, "11010519491231002x", " １１０１０５１９４９１２３１００２Ｘ ", "110105 19491231\u3000002x"]
)
def test_a_resident_id_is_accepted_however_it_was_typed(typed: str) -> None:
    assert validate_resident_id(typed) == RESIDENT


def test_a_resident_id_of_a_retired_district_is_still_valid() -> None:
    number = resident("46010219900101001")
    assert validate_resident_id(number) == number


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "id_check_failed"),
        ("11010519491231002", "id_form_wrong"),
        ("1101051949123100٢X", "id_form_wrong"),
        ("110105491231002", "id_form_wrong"),
        (resident("11010519490230002"), "id_date_wrong"),
        (resident("11010500000101002"), "id_date_wrong"),
        (resident("11010517491231002"), "id_date_wrong"),
        (resident("99010519491231002"), "id_region_wrong"),
        (resident("11000019491231002"), "id_region_wrong"),
        (resident("81000019900101001"), "id_region_wrong"),
        ("<script>alert(1)</script>", "id_form_wrong"),
    ],
)
def test_a_wrong_resident_id_is_refused_without_repeating_it(number: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        validate_resident_id(number)
    assert caught.value.code == code
    assert number not in f"{caught.value.zh} {caught.value.en} {caught.value} {caught.value.extra}"


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_in_a_resident_id_is_always_found(place: int, shift: int) -> None:
    digit = (int(RESIDENT[place]) + shift) % 10
    with pytest.raises(Malformed):
        validate_resident_id(f"{RESIDENT[:place]}{digit}{RESIDENT[place + 1 :]}")


@pytest.mark.parametrize(
    "typed",
    [USCC, USCC.lower(), " ９１３５０１００Ｍ０００１００Ｙ４３", "9135 0100 M000 100Y 43", "11440100007482575H"],
)
def test_a_company_code_is_accepted_however_it_was_typed(typed: str) -> None:
    assert validate_uscc(typed) in (USCC, "11440100007482575H")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("91350100M000100Y44", "id_check_failed"),
        ("91350100M000100Y4", "id_form_wrong"),
        ("91350100I000100Y43", "id_form_wrong"),
        ("", "id_form_wrong"),
    ],
)
def test_a_wrong_company_code_is_refused(number: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        validate_uscc(number)
    assert caught.value.code == code


@given(st.integers(0, 16), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_in_a_company_code_is_always_found(place: int, other: str) -> None:
    changed = USCC[:place] + other + USCC[place + 1 :]
    if changed == USCC:
        assert validate_uscc(changed) == USCC
    else:
        with pytest.raises(Malformed):
            validate_uscc(changed)


def test_a_sum_of_zero_gives_the_check_character_zero() -> None:
    assert uscc_check_character("0" * 17) == "0"


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("resident_id", RESIDENT),
        ("uscc", USCC),
        ("hk_macao_taiwan_residence", resident("81000019900101001")),
        ("hk_macao_taiwan_residence", resident("83000019900101001")),
        ("foreign_permanent_residence", resident("94603619900101001")),
        ("foreign_permanent_residence", "AUS310056111901"),
        ("passport", "E12345678"),
        ("travel_permit", "H1234567890"),
        ("other", "军字第1234567号"),
    ],
)
def test_every_kind_of_document_has_its_form(kind: str, number: str) -> None:
    assert validate_id(kind, number) == number


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ("library_card", "1", "id_kind_unknown"),
        ("hk_macao_taiwan_residence", RESIDENT, "id_region_wrong"),
        ("foreign_permanent_residence", RESIDENT, "id_region_wrong"),
        ("passport", "E-12", "id_form_wrong"),
        ("travel_permit", "X12345678", "id_form_wrong"),
        ("other", "'; DROP TABLE parties; --", "id_form_wrong"),
        ("other", "x" * 41, "id_form_wrong"),
    ],
)
def test_a_document_that_is_not_of_its_kind_is_refused(kind: str, number: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        validate_id(kind, number)
    assert caught.value.code == code


@pytest.mark.parametrize("typed", ["13812343210", "138-1234-3210", "+86 138 1234 3210", "１３８１２３４３２１０"])
def test_a_mobile_number_is_accepted_however_it_was_typed(typed: str) -> None:
    assert validate_mobile(typed) == "13812343210"


@pytest.mark.parametrize("typed", ["12812343210", "1381234321", "138123432101", "+1 381 2343 2100", ""])
def test_a_wrong_mobile_number_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(Malformed) as caught:
        validate_mobile(typed)
    assert caught.value.code == "mobile_wrong"
    assert not typed or typed not in caught.value.en


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张*"), ("李小敏", "李*敏"), ("欧阳海宁", "欧**宁"), ("张", "张*"), ("", "")]
)
def test_a_name_is_masked(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_an_identity_number_is_masked_more_on_lists_than_in_detail() -> None:
    assert mask_id("460105199001011234") == "460***********1234"
    assert mask_id("460105199001011234", detail=True) == "460105********1234"
    assert mask_id("E12345678") == "E1*****78"
    assert mask_id("1234") == "1***"


def test_a_mobile_number_is_masked() -> None:
    assert mask_mobile("13812343210") == "138****3210"
    assert mask_mobile("089865301234") == "**********34"
    assert mask_mobile("110") == "***"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("海南省海口市琼山区府城街道忠介路12号", "海南省海口市琼山区府城街道****"),
        ("海口市龙华区国贸路5号2栋301室", "海口市龙华区国贸路****"),
        ("江苏省镇江市京口区阳光小区3栋", "江苏省镇江市京口区****"),
        ("北京市朝阳区3号院", "北京市朝阳区****"),
        ("某小区3栋301", "****"),
        ("", ""),
    ],
)
def test_an_address_is_shown_to_the_street_only(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@given(st.text(alphabet="0123456789ABCDEFGHX", min_size=3, max_size=40))
def test_a_masked_number_keeps_its_length_and_hides_part_of_it(number: str) -> None:
    for detail in (False, True):
        shown = mask_id(number, detail=detail)
        assert len(shown) == len(number)
        assert shown.count("*") >= min(4, len(number) - 1)
