"""A payload that is not right is explained in the words of the hall."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest

from workflows.errors import Malformed
from workflows.payload import Reason, read_payload


class Sample(msgspec.Struct, forbid_unknown_fields=True):
    """One of each kind of field."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=5)]
    count: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    code: Annotated[str, msgspec.Meta(pattern="^[a-z]+$")] = "a"
    kind: Literal["grant", "deny"] = "grant"
    reason: Reason = "理由"


@pytest.mark.parametrize(
    ("raw", "field", "zh"),
    [
        ({}, "$", "缺少必填项“name”"),
        ({"name": "示例", "size": 1}, "$", "有未知的项“size”"),
        ({"name": "示"}, "$.name", "长度不得少于2"),
        ({"name": "示例示例示例"}, "$.name", "长度不得超过5"),
        ({"name": "示例", "count": -1}, "$.count", "数值不得小于0"),
        ({"name": "示例", "count": 10}, "$.count", "数值不得大于9"),
        ({"name": "示例", "code": "A"}, "$.code", "只能使用规定的字符"),
        ({"name": "示例", "kind": "110105194912310021"}, "$.kind", "不在可选的值之内"),
        ({"name": "示例", "reason": " \u3000\n"}, "$.reason", "不能只有空格"),
        ({"name": 7}, "$.name", "类型不正确"),
    ],
)
def test_the_refusal_names_the_place_and_the_reason(raw: dict[str, Any], field: str, zh: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_payload(Sample, raw)
    assert refusal.value.code == "payload_invalid"
    assert refusal.value.extra["field"] == field
    assert zh in refusal.value.zh
    assert "Expected" not in refusal.value.en
    assert "110105194912310021" not in refusal.value.zh + refusal.value.en
