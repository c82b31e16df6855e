"""Case numbers, query codes, document numbers, item codes: made so that a slip of the finger is noticed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import Malformed
from workflows.numbers import (
    case_number,
    certificate_identifier,
    check_case_number,
    document_number,
    mod_11_10,
    mod_37_36,
    normalise_query_code,
    parse_item_code,
    query_code,
)


def test_a_case_number_reads_region_day_sequence_and_check_digit() -> None:
    number = case_number("460100", date(2026, 3, 2), 17)
    assert number[:18] == "460100260302000017"
    assert check_case_number(number)


def test_the_check_digits_agree_with_the_standard() -> None:
    assert mod_11_10("0794") == "5"
    assert mod_37_36("A12425GABC1234002") == "M"


@given(st.integers(1, 999_999), st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_in_a_case_number_is_always_found(seq: int, place: int, shift: int) -> None:
    number = case_number("460100", date(2026, 3, 2), seq)
    wrong = f"{number[:place]}{(int(number[place]) + shift) % 10}{number[place + 1 :]}"
    assert not check_case_number(wrong)


@pytest.mark.parametrize(
    "text", ["", "460100", "46010026030200001", "x" * 19, "４６０１００２６０３０２０００００１７"]
)
def test_what_is_not_a_case_number_is_told_apart(text: str) -> None:
    assert not check_case_number(text)


@pytest.mark.parametrize(("region", "seq"), [("4601", 1), ("46010A", 1), ("460100", 0), ("460100", 1_000_000)])
def test_a_case_number_of_impossible_parts_is_refused(region: str, seq: int) -> None:
    with pytest.raises(Malformed, match="number_part_wrong"):
        case_number(region, date(2026, 3, 2), seq)


@given(st.binary(min_size=8, max_size=8))
def test_a_query_code_survives_being_read_aloud_and_typed(random: bytes) -> None:
    code = query_code(random)
    assert len(code) == 12
    assert normalise_query_code(f" {code[:4].lower()}-{code[4:8]} {code[8:]} ") == code
    assert normalise_query_code(code.replace("0", "O").replace("1", "l")) == code
    wide = code.translate({ord(one): ord(one) + 0xFEE0 for one in code})
    assert normalise_query_code(f"{wide[:4]}\u3000{wide[4:8]}－{wide[8:]}") == code
    assert normalise_query_code(f"{code[:4]}—{code[4:8]}–{code[8:]}") == code
    for address in (f"http://hall.test/status/{code}", f"https://hall.test/status/{code}/rating\n"):
        assert normalise_query_code(address) == code


def test_different_randomness_gives_different_query_codes() -> None:
    codes = {query_code(number.to_bytes(8, "big")) for number in range(1000)}
    assert len(codes) == 1000


def test_a_query_code_needs_randomness_and_a_typed_one_its_form() -> None:
    with pytest.raises(Malformed, match="too_little_randomness"):
        query_code(b"1234567")
    for typed in ("", "ABC", "U" * 12, "0" * 13, "http://hall.test/status/", "\0" * 12):
        with pytest.raises(Malformed, match="query_code_wrong"):
            normalise_query_code(typed)


def test_a_document_number_carries_agency_kind_year_and_number() -> None:
    assert document_number("示市监", "受", 2026, 12) == "示市监受〔2026〕12号"
    for parts in (
        ("", "受", 2026, 1),
        ("示市监", "", 2026, 1),
        ("示市监", "受", 26, 1),
        ("示市监", "受", 2026, 0),
    ):
        with pytest.raises(Malformed, match="number_part_wrong"):
            document_number(*parts)


def test_an_item_code_comes_apart() -> None:
    code = parse_item_code("11440100007482575H3440118009000")
    assert (code.authority, code.level, code.base) == ("11440100007482575H", "3", "440118009000")
    assert code.handling is None
    assert parse_item_code("11440100007482575H344011800900001").handling == "01"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("11440100007482575J3440118009000", "id_check_failed"),
        ("11440100007482575H8440118009000", "item_code_wrong"),
        ("11440100007482575H344011800900", "item_code_wrong"),
        ("11440100007482575H3440118009000\n", "item_code_wrong"),
    ],
)
def test_a_wrong_item_code_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        parse_item_code(text)


def test_a_certificate_identifier_ends_with_its_check_character() -> None:
    parts = ("11100000MB0D03834Q001", "11440100007482575H", "46010020260001", "001")
    identifier = certificate_identifier(parts[0], parts[1], parts[2], 1)
    assert identifier == ".".join(("1.2.156.3005.2", *parts, mod_37_36("".join(parts))))
    with pytest.raises(Malformed, match="number_part_wrong"):
        certificate_identifier("short", parts[1], parts[2], 1)
