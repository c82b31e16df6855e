"""Why a payload is not of its declared form, in words for people; the reader's own words never reach them."""

from __future__ import annotations

import re
from typing import Final

NOT_BLANK: Final = r"\S"
"""What a reason must match: blanks alone are none."""
_NAME: Final = r"`([^`]{1,60})`"
_REASONS: Final[tuple[tuple[re.Pattern[str], str, str], ...]] = tuple(
    (re.compile(pattern), zh, en)
    for pattern, zh, en in (
        (rf"missing required field {_NAME}", "缺少必填项“{0}”", "the required field {0} is missing"),
        (rf"contains unknown field {_NAME}", "有未知的项“{0}”", "there is an unknown field {0}"),
        (r"of length >= (\d+)", "长度不得少于{0}", "it must have at least {0} characters or rows"),
        (r"of length <= (\d+)", "长度不得超过{0}", "it must have at most {0} characters or rows"),
        (r">= (-?\d+)", "数值不得小于{0}", "it must not be less than {0}"),
        (r"<= (-?\d+)", "数值不得大于{0}", "it must not be more than {0}"),
        (r"matching regex '\\\\S'", "不能只有空格", "it holds nothing but blanks"),
        (r"matching regex", "只能使用规定的字符", "it holds characters that are not allowed here"),
        (r"Invalid enum value", "不在可选的值之内", "it is not one of the values to choose from"),
        (r"Invalid (?:RFC3339|date)", "不是有效的日期或时间", "it is not a valid date or time"),
    )
)
_OTHER: Final = ("类型不正确", "it is of the wrong type")


def reason_of(message: str) -> tuple[str, str]:
    """The reason in Chinese and in English.

    :param message: what the reader of payloads said; values that were sent are not repeated.
    """
    for pattern, zh, en in _REASONS:
        if found := pattern.search(message):
            return zh.format(*found.groups()), en.format(*found.groups())
    return _OTHER
