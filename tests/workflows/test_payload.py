"""What may be sent with an act: exactly what its flow declares, in clear words when it is not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from workflows.errors import Malformed
from workflows.payload import TYPES, Field, compile_payload, read_payload, redact, refuse_control_characters

FIELDS = {
    "reason": Field("text", "理由", "Reason", required=True),
    "result": Field("choice", "结果", "Result", choices=["grant", "deny"]),
    "planned_end": Field("date", "日期", "Date"),
    "recipient": Field("person", "领取人", "Recipient"),
    "lines": Field("line_numbers", "项", "Lines"),
    "signed": Field("flag", "签字", "Signed"),
}
KIND = compile_payload("sample", FIELDS)
PERSON = {"name": "示例", "id_kind": "resident_id", "id_number": "11010519491231002X"}


def refusal(raw: Any) -> Malformed:
    with pytest.raises(Malformed) as found:
        read_payload(KIND, raw)
    return found.value


def test_what_is_declared_comes_back_as_plain_values() -> None:
    raw = {"reason": "好", "result": "deny", "planned_end": "2026-03-02", "recipient": PERSON, "lines": [2, 1]}
    assert read_payload(KIND, raw) == {**raw, "recipient": PERSON | {"relation": "self"}}
    assert read_payload(KIND, {"reason": "好", "signed": None}) == {"reason": "好"}


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({}, "$"),
        ({"reason": None}, "$.reason"),
        ({"reason": ""}, "$.reason"),
        ({"reason": "好" * 4001}, "$.reason"),
        ({"reason": ["好"]}, "$.reason"),
        ({"reason": "好", "more": 1}, "$"),
        ({"reason": "好", "result": "perhaps"}, "$.result"),
        ({"reason": "好", "planned_end": "2026-02-30"}, "$.planned_end"),
        ({"reason": "好", "recipient": {"name": "示例"}}, "$.recipient"),
        ({"reason": "好", "recipient": PERSON | {"relation": "neighbour"}}, "$.recipient.relation"),
        ({"reason": "好", "lines": []}, "$.lines"),
        ({"reason": "好", "lines": [0]}, "$.lines[0]"),
        ({"reason": "好", "lines": [1.5]}, "$.lines[0]"),
        ({"reason": "好", "lines": [True]}, "$.lines[0]"),
        ({"reason": "好", "lines": list(range(1, 102))}, "$.lines"),
        ({"reason": "好", "signed": "yes"}, "$.signed"),
    ],
)
def test_what_is_not_declared_is_refused_with_its_place(raw: dict[str, Any], field: str) -> None:
    found = refusal(raw)
    assert (found.code, found.status, found.extra["field"]) == ("payload_invalid", 422, field)
    assert field in found.zh


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x1b", "\x7f", "\u202e", "\u2066", "\ud800"])
@pytest.mark.parametrize("place", ["value", "key", "deep"])
def test_text_that_would_mislead_a_reader_or_a_printer_is_refused(character: str, place: str) -> None:
    text = f"好{character}好"
    raw = {"value": {"reason": text}, "key": {text: "好"}, "deep": {"reason": "好", "list": [{"a": (text,)}]}}[place]
    assert refusal(raw).code == "control_character"


def test_lines_tabs_rare_characters_and_markup_are_text_like_any_other() -> None:
    for text in ("一\n二\t三\r\n", "𠮷野家", "é", "<script>", "'; DROP TABLE cases; --", "{{7*7}}", "👩‍👩‍👧"):
        refuse_control_characters({"reason": text})
        assert read_payload(KIND, {"reason": text}) == {"reason": text}


def test_identity_numbers_are_masked_wherever_they_stand() -> None:
    kept = redact({"recipient": PERSON, "others": [{"deep": ({"id_number": PERSON["id_number"]},)}], "reason": "好"})
    assert PERSON["id_number"] not in repr(kept)
    assert kept["recipient"]["name"] == "示例"
    assert kept["reason"] == "好"


@pytest.mark.parametrize(
    ("key", "field", "said"),
    [
        ("note", Field("poem", "诗", "Poem"), "poem"),
        ("note", Field("choice", "选", "Pick"), "choice of nothing"),
        ("no-te", Field("text", "文", "Text"), "no-te"),
        ("class", Field("text", "文", "Text"), "class"),
        ("备注", Field("text", "文", "Text"), "备注"),
        ("", Field("text", "文", "Text"), "field name"),
    ],
)
def test_a_payload_that_cannot_be_declared_is_refused(key: str, field: Field, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        compile_payload("sample", {key: field})


def test_every_named_type_has_a_schema_with_its_titles() -> None:
    fields = {name: Field(name, f"{name} 标题", f"{name} title", required=True) for name in TYPES}
    (schema,), parts = msgspec.json.schema_components([compile_payload("all", fields)], ref_template="#/{name}")
    whole = parts["all"] if "$ref" in schema else schema
    assert whole["required"] == list(TYPES)
    assert {name: spec["x-title-en"] for name, spec in whole["properties"].items()} == {
        name: f"{name} title" for name in TYPES
    }
