"""Item files: what a steward may publish, and every reason why not, named at once."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from workflows.errors import Conflict, DefinitionError, Malformed
from workflows.item import from_wire, load_item, to_wire

NAME = "01-food-business-permit.toml"
TEXT = (resources.files("workflows") / "catalogue" / "items" / NAME).read_text(encoding="utf-8")


def refused(*changes: tuple[str, str]) -> DefinitionError:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(DefinitionError) as caught:
        load_item(text, NAME)
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("level = ", "levle = ", "levle: unknown key"),
        ('level = "3"\n', "", "level: missing"),
        ('level = "3"', 'level = "4"', "level: the code says 3"),
        ('type = "01"', 'type = "07"', "type: the code says 01"),
        ('type = "01"', 'type = "99"', "type: Invalid enum value '99'"),
        ('procedure_law = "PERMIT"', 'procedure_law = "GENERIC"', "procedure_law: PERMIT and type 01"),
        ("4Q3460110001000", "4P3460110001000", "code: The check character"),
        ('base_code = "460110001000"', 'base_code = "460110001001"', "base_code: differs"),
        ('{ n = 5, unit = "working_days" }', '{ n = 11, unit = "working_days" }', "promise_limit.n: longer"),
        (
            '{ n = 5, unit = "working_days" }',
            '{ n = 5, unit = "natural_days" }',
            "promise_limit.unit: not the",
        ),
        ('{ n = 5, unit = "working_days" }', '{ n = 0, unit = "working_days" }', "promise_limit: 0 and an"),
        (
            '{ n = 5, unit = "working_days" }',
            '{ n = -1, unit = "working_days" }',
            "promise_limit.n: Expected",
        ),
        ('{ n = 5, unit = "working_days" }', '{ n = 5, unit = "weeks" }', "promise_limit.unit: Invalid"),
        ('working_days", approver', 'months", approver', "extension.unit: there is no statutory limit"),
        ('approver = "authority_head"', 'approver = "clerk"', "extension.approver: Invalid enum value"),
        ('code = "M02"', 'code = "M01"', "materials: code M01 is used twice"),
        ('condition = "agent"', 'condition = "proxy"', "materials M06.condition: no situation asks"),
        ("tolerance = true", "tolerance = false", "materials M04.necessity: deferrable, but"),
        ("version = 1", 'version = "1"', "version: Expected `int`, got `str`"),
        ("version = 1", "version = 1\nin_force_to = 2022-01-01", "in_force_to: before"),
        ("version = 1", 'version = 1\non_overdue = "deemed_approved"', "on_overdue_basis: silence"),
        ('grade = "A"', 'grade = "C"', "materials M02.grade: an electronic certificate"),
    ],
)
def test_a_wrong_item_file_is_refused_with_its_reason(old: str, new: str, problem: str) -> None:
    error = refused((old, new))
    assert error.code == "definition_not_wellformed"
    assert f"{NAME}: {problem}" in error.en
    assert NAME in error.zh


def test_every_problem_is_named_at_once() -> None:
    error = refused(('type = "01"', 'type = "99"'), ('level = "3"', 'level = "9"'), ("site_check", "sight_check"))
    assert len(error.extra["problems"]) == 3


def test_time_is_left_out_only_for_the_eight_kinds_or_with_a_basis_of_its_own() -> None:
    own = TEXT.replace("excluded = false", "excluded = true")
    assert load_item(own, NAME).special_procedures[0].excluded
    basis = 'max_days = 3\nbasis = "食品经营许可和备案管理办法（市场监管总局令第78号）"'
    error = refused(("excluded = false", "excluded = true"), (basis, 'max_days = 3\nbasis = "行政许可法45"'))
    assert "special_procedures site_check: not one of the eight kinds" in error.en


def test_a_file_that_is_not_toml_names_the_line() -> None:
    assert "at line 2, column 1" in refused(('code = "1146', '= = "1146')).en


def test_an_item_survives_being_stored_as_json() -> None:
    item = load_item(TEXT, NAME)
    stored = msgspec.json.decode(msgspec.json.encode(to_wire(item)))
    assert from_wire(stored) == item


def test_stored_values_that_are_not_an_item_are_refused() -> None:
    with pytest.raises(Malformed, match="item_not_readable"):
        from_wire({"code": "1"})


def test_an_item_is_used_only_while_it_is_in_force() -> None:
    item = load_item(TEXT.replace("version = 1", "version = 1\nin_force_to = 2026-06-30"), NAME)
    item.require_in_force(date(2023, 1, 1))
    item.require_in_force(date(2026, 6, 30))
    for day in (date(2022, 12, 31), date(2026, 7, 1)):
        with pytest.raises(Conflict, match="item_not_in_force"):
            item.require_in_force(day)


def test_a_material_is_asked_for_in_its_situation_only() -> None:
    lines = {line.code: line for line in load_item(TEXT, NAME).materials}
    assert lines["M01"].applies(frozenset())
    assert not lines["M06"].applies(frozenset())
    assert lines["M06"].applies(frozenset({"agent"}))
    unless = msgspec.structs.replace(lines["M06"], condition="!agent")
    assert unless.applies(frozenset())
    assert not unless.applies(frozenset({"agent"}))


def test_a_copy_of_a_packaged_file_reads_the_same_from_anywhere(tmp_path: Path) -> None:
    copy = tmp_path / "copy.toml"
    copy.write_text(TEXT, encoding="utf-8")
    assert load_item(copy.read_text(encoding="utf-8"), copy.name) == load_item(TEXT, NAME)


JOINT = 'joint = ["police"]\n'
STATUTORY = next(line for line in TEXT.splitlines() if line.startswith("statutory_limit"))
EXTENSION = next(line for line in TEXT.splitlines() if line.startswith("extension"))


def with_limits(statutory: str, extension: str, joint: str = JOINT) -> str:
    text = TEXT.replace("version = 1", f"version = 1\n{joint}", 1)
    return text.replace(STATUTORY, f"statutory_limit = {statutory}").replace(EXTENSION, f"extension = {extension}")


FORTY_FIVE = '{ n = 45, unit = "working_days", basis = "行政许可法42(2)" }'
FIFTEEN = '{ n = 15, unit = "working_days", approver = "government_head", basis = "行政许可法42(2)" }'


def test_joint_handling_may_take_forty_five_days_and_fifteen_more() -> None:
    item = load_item(with_limits(FORTY_FIVE, FIFTEEN), NAME)
    assert item.joint == ("police",)


@pytest.mark.parametrize(
    ("statutory", "extension", "joint", "problem"),
    [
        (FORTY_FIVE, FIFTEEN.replace("government", "authority"), JOINT, "extension: 行政许可法42(2) gives 15"),
        (FORTY_FIVE, FIFTEEN.replace("15", "16"), JOINT, "extension: 行政许可法42(2) gives 15"),
        (FORTY_FIVE.replace("45", "46"), FIFTEEN, JOINT, "statutory_limit.n: 行政许可法42(2) gives 45"),
        (FORTY_FIVE, FIFTEEN, "", "statutory_limit.basis: 行政许可法42(2) is for joint handling"),
        (
            FORTY_FIVE.replace("42(2)", "42(1)").replace("45", "21"),
            FIFTEEN.replace("government", "authority").replace("15", "10"),
            "",
            "statutory_limit.n: 行政许可法42(1) gives 20",
        ),
        (
            FORTY_FIVE.replace("42(2)", "42(1)").replace("45", "20"),
            FIFTEEN.replace("15", "10"),
            "",
            "extension: 行政许可法42(1) gives 10",
        ),
    ],
)
def test_a_limit_of_article_42_is_no_longer_than_it_says_and_extended_by_whom_it_says(
    statutory: str, extension: str, joint: str, problem: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_item(with_limits(statutory, extension, joint), NAME)
    assert f"{NAME}: {problem}" in caught.value.en


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ('promise_permit = true\nexcluded_field = "public_safety"', "promise_permit: not in the field public_safety"),
        ('excluded_field = "danger"', "excluded_field: Invalid enum value"),
        ("post_check_days = 0", "post_check_days: Expected"),
        ('joint = ["amr"]', "joint: each department takes part once"),
        ('joint = ["police", "police"]', "joint: each department takes part once"),
        ('pre_examination = "amr"', "pre_examination: the lower authority is another department"),
        ('joint = ["police"]\npre_examination = "health"', "pre_examination: not together with joint handling"),
    ],
)
def test_an_item_that_contradicts_itself_is_refused(key: str, problem: str) -> None:
    assert problem in refused(("version = 1", f"version = 1\n{key}")).en


def test_an_item_says_nothing_special_unless_it_does() -> None:
    item = load_item(TEXT, NAME)
    assert (item.online_acceptance, item.asks_intention, item.joint, item.pre_examination) == (False, False, (), "")
    assert (item.excluded_field, item.post_check_days) == ("none", 40)


@pytest.mark.parametrize("key", ['joint = ["tax"]', 'pre_examination = "tax"'])
def test_a_registration_is_one_authoritys(key: str) -> None:
    name = "22-housing-transfer-registration.toml"
    text = (resources.files("workflows") / "catalogue" / "items" / name).read_text(encoding="utf-8")
    with pytest.raises(DefinitionError, match="joint: registration is one authority's"):
        load_item(text.replace("version = 1", f"version = 1\n{key}", 1), name)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("level = ", "levle = ", "levle: 没有这一项"),
        ('level = "3"\n', "", "level: 缺少这一项"),
        ('{ n = 5, unit = "working_days" }', '{ n = 11, unit = "working_days" }', "承诺时限长于法定时限"),
        ('condition = "agent"', 'condition = "proxy"', "materials M06.condition: 没有情形问题对应 proxy"),
        ('unit = "working_days" }', 'unit = "working_days }', "不是有效的 TOML：第"),
    ],
)
def test_a_steward_reads_in_chinese_what_is_wrong(old: str, new: str, problem: str) -> None:
    assert problem in refused((old, new)).zh


def test_the_line_of_a_broken_json_text_is_named() -> None:
    with pytest.raises(DefinitionError) as caught:
        load_item('{\n "code" "1"}', "item.json")
    assert "不是有效的 JSON：第2行" in caught.value.zh
    assert "(line 2)" in caught.value.en
