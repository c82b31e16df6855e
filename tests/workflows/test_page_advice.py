"""Advice on a page is read by clerks and applicants."""

from __future__ import annotations

from typing import get_args

import pytest

from workflows.page_advice import Advice, AdviceCode, words

VALUES = {
    "resolution_low": {"dpi": 150},
    "resolution_unknown": {"width": 1754, "height": 1240},
    "blurred": {"sharpness": 0.04},
    "skewed": {"degrees": -1.8},
    "black_border": {"percent": 3.2},
    "cut_edge": {"edges": "top,left"},
    "overexposed": {"grey": 170},
    "without_colour": {"bits": 8},
    "xml_attached": {"files": 1},
}


@pytest.mark.parametrize("code", get_args(AdviceCode))
def test_every_piece_of_advice_says_what_was_measured_in_both_languages(code: AdviceCode) -> None:
    values: dict[str, int | float | str] = dict(VALUES.get(code, {}))  # type: ignore[call-overload]  # of these kinds
    zh, en = words(Advice(code, values))
    assert zh.endswith("。")
    assert en.endswith(".")
    assert "{" not in zh + en
    for value in values.values():
        if code != "cut_edge":
            assert str(value) in zh
            assert str(value) in en


def test_edges_are_named_in_words() -> None:
    zh, en = words(Advice("cut_edge", {"edges": "top,left"}))
    assert "上、左" in zh
    assert "top, left" in en
