"""Separator sheets: their code, and how a run of pages is split at them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from workflows.numbers import case_number
from workflows.separator import Run, Separator, code_of, read_code, seal_of, split

NUMBER = case_number("460100", date(2026, 3, 2), 17)
SEAL = seal_of(b"\x01\x23\x45\x67\x89")
SCAN, OTHER = UUID(int=1), UUID(int=2)


def test_a_code_says_case_line_and_seal_again() -> None:
    assert read_code(code_of(NUMBER, "M01", SEAL)) == Separator(NUMBER, "M01", SEAL)


def test_a_seal_has_forty_bits_in_characters_that_nobody_confuses() -> None:
    assert seal_of(b"\0" * 5) == "00000000"
    assert seal_of(b"\xff" * 32) == "ZZZZZZZZ"
    assert seal_of(b"\x80" + b"\0" * 31) == "G0000000"
    assert not set("ILOU") & set(seal_of(bytes(range(200, 232))))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://hall.example/public",
        code_of(NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), "M01", SEAL),
        code_of(NUMBER, "M1", SEAL),
        code_of(NUMBER, "M01", SEAL.lower() + "x"),
        code_of(NUMBER, "M01", SEAL).replace("YC1", "YC2"),
        code_of(NUMBER, "M01", SEAL) + "\n" + code_of(NUMBER, "M02", SEAL),
    ],
)
def test_any_other_code_is_no_separator(text: str) -> None:
    assert read_code(text) is None


def test_pages_belong_to_the_sheet_before_them() -> None:
    first, second = code_of(NUMBER, "M01", SEAL), code_of(NUMBER, "M02", SEAL)
    pages = [(SCAN, page) for page in range(1, 7)] + [(OTHER, 1), (OTHER, 2)]
    runs, sheets = split(pages, {(SCAN, 2): first, (SCAN, 5): second, (SCAN, 6): first, (SCAN, 1): "some other code"})
    assert sheets == [(SCAN, 2), (SCAN, 5), (SCAN, 6)]
    assert runs == [
        Run(None, ((SCAN, 1),)),
        Run(Separator(NUMBER, "M01", SEAL), ((SCAN, 3), (SCAN, 4))),
        Run(Separator(NUMBER, "M01", SEAL), ((OTHER, 1), (OTHER, 2))),
    ]


def test_without_a_sheet_there_is_one_run() -> None:
    assert split([(SCAN, 1), (SCAN, 2)], {}) == ([Run(None, ((SCAN, 1), (SCAN, 2)))], [])
    assert split([], {}) == ([], [])
