"""A service item (事项) as published: codes, limits, materials, result. A published version never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

import msgspec

from workflows.clock import Unit
from workflows.documents import KINDS
from workflows.errors import Conflict, Malformed
from workflows.item_parts import (
    ARTICLE_42,
    EXCLUDED_KINDS,
    CaseKind,
    DocumentCode,
    ExcludedField,
    Extension,
    Fee,
    ItemType,
    ProcedureLaw,
    PromiseLimit,
    Result,
    SpecialProcedure,
    StatutoryLimit,
    Subject,
)
from workflows.material import MaterialLine, SituationQuestion, Text, list_problems
from workflows.numbers import parse_item_code
from workflows.toml_files import decode, refusal

__all__ = [
    "EXCLUDED_KINDS",
    "CaseKind",
    "Extension",
    "Fee",
    "ItemVersion",
    "PromiseLimit",
    "Result",
    "SpecialProcedure",
    "StatutoryLimit",
    "from_wire",
    "item_problems",
    "load_catalogue",
    "load_item",
    "to_wire",
]


class ItemVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One published version of one item.

    :param code: implementation code, 31 digits. :param base_code: national base code, 12 digits.
    :param type: GB/T 39046 A.1. :param level: of exercise, 1 to 7. :param department: organisation code.
    :param notice_days: working days for the one-time notice (行政许可法32).
    :param authorised_window: the authority has authorised the window in writing to accept and to give notice.
    :param tolerance: on the published tolerance list (容缺受理).
    :param tolerance_overdue: what becomes of an application when what it still owes never comes.
    :param online_acceptance: handled online from end to end, so that submitting is handing in (行政许可法29(3)).
    :param promise_permit: may be decided on the applicant's promise (告知承诺).
    :param excluded_field: the field in which no decision may rest on a promise (国办发〔2020〕42号), or ``none``.
    :param post_check_days: working days after a decision on a promise within which the promise is checked.
    :param asks_intention: an elderly person's true intention is asked and recorded first (老年人权益保障法55).
    :param joint: codes of the departments that take part beside the item's own (并联审批, 行政许可法26).
    :param pre_examination: code of the lower authority's department that examines first (行政许可法43); empty: none.
    :param document_texts: paragraphs by code of the document whose standing text they replace (文书正文).
    :param retention_years: how long the file is kept. :param visits: how often the applicant has to come.
    """

    code: str
    base_code: str
    name: Text
    name_en: Text
    type: ItemType
    level: Literal["1", "2", "3", "4", "5", "6", "7"]
    department: Text
    region: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]
    procedure_law: ProcedureLaw
    flow: Text
    case_kind: CaseKind
    basis: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    statutory_limit: StatutoryLimit | None = None
    promise_limit: PromiseLimit
    extension: Extension | None = None
    notice_days: Annotated[int, msgspec.Meta(ge=0, le=5)] = 5
    authorised_window: bool = False
    special_procedures: tuple[SpecialProcedure, ...] = ()
    result: Result
    fee: Fee | None = None
    subjects: Annotated[tuple[Subject, ...], msgspec.Meta(min_length=1)]
    situations: tuple[SituationQuestion, ...] = ()
    materials: Annotated[tuple[MaterialLine, ...], msgspec.Meta(min_length=1)]
    site_check: bool = False
    hearing: Literal["none", "on_request", "mandatory"] = "none"
    tolerance: bool = False
    tolerance_overdue: Literal["withdrawn", "terminated"] = "withdrawn"
    online_acceptance: bool = False
    promise_permit: bool = False
    excluded_field: ExcludedField = "none"
    post_check_days: Annotated[int, msgspec.Meta(ge=1, le=250)] = 40
    asks_intention: bool = False
    joint: tuple[Text, ...] = ()
    pre_examination: str = ""
    quantity_limited: bool = False
    cross_province: bool = False
    on_overdue: Literal["none", "deemed_approved", "deemed_renewed"] = "none"
    on_overdue_basis: str = ""
    visits: Annotated[int, msgspec.Meta(ge=0, le=9)] = 1
    document_texts: dict[DocumentCode, Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=20)]] = {}
    retention_years: Literal[10, 30, "permanent"]
    version: Annotated[int, msgspec.Meta(ge=1)]
    in_force_from: date
    in_force_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether an application may be received under this version on that day (hall time)."""
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)

    def require_in_force(self, on: date) -> None:
        """Refuse a day on which this version does not apply.

        :raises Conflict: ``item_not_in_force``.
        """
        if not self.in_force(on):
            raise Conflict(
                "item_not_in_force",
                f"事项“{self.name}”的这一版本在{on:%Y-%m-%d}不适用，请选用现行版本。",
                f"This version of {self.name_en} does not apply on {on}; choose the one in force.",
                item=self.code,
                version=self.version,
            )


def load_item(text: str, filename: str) -> ItemVersion:
    """Read one item file.

    :raises DefinitionError: ``definition_not_wellformed``, naming every problem as ``file: key: problem``.
    """
    item = decode(text, ItemVersion, filename)
    problems = item_problems(item)
    if problems:
        raise refusal(filename, problems)
    return item


def item_problems(item: ItemVersion) -> list[str]:
    """What is wrong with an item beyond its form, each problem beginning with its key."""
    return [
        *_code_problems(item),
        *_limit_problems(item),
        *_article_42_problems(item),
        *_procedure_problems(item),
        *_place_problems(item),
        *_text_problems(item),
        *list_problems(item.materials, item.situations, tolerance=item.tolerance),
    ]


def _code_problems(item: ItemVersion) -> list[str]:
    try:
        code = parse_item_code(item.code)
    except Malformed as error:
        return [f"code: {error.en}"]
    problems = []
    if code.base != item.base_code:
        problems.append("base_code: differs from the last 12 digits of the code")
    if code.base[2:4] != item.type:
        problems.append(f"type: the code says {code.base[2:4]}")
    if code.level != item.level:
        problems.append(f"level: the code says {code.level}")
    return problems


def _limit_problems(item: ItemVersion) -> list[str]:
    problems = []
    statutory, promise, extension = item.statutory_limit, item.promise_limit, item.extension
    if (item.case_kind == "instant") != (promise.n == 0):
        problems.append("promise_limit: 0 and an instant item (即办件) belong together")
    if statutory and promise.n and statutory.unit is not promise.unit:
        problems.append("promise_limit.unit: not the unit of the statutory limit, so they cannot be compared")
    elif statutory and promise.n > statutory.n:
        problems.append("promise_limit.n: longer than the statutory limit (优化营商环境条例36(2))")
    if extension and (statutory is None or extension.unit is not statutory.unit):
        problems.append("extension.unit: there is no statutory limit in this unit to extend")
    return problems


def _article_42_problems(item: ItemVersion) -> list[str]:
    """What a limit that names article 42 may not be: longer than it says, or extended by somebody else."""
    legal, extension = item.statutory_limit, item.extension
    if legal is None or legal.basis not in ARTICLE_42:
        return []
    days, more, approver = ARTICLE_42[legal.basis]
    problems = []
    if legal.unit is not Unit.working_days or legal.n > days:
        problems.append(f"statutory_limit.n: {legal.basis} gives {days} working days")
    if legal.basis == "行政许可法42(2)" and not item.joint:
        problems.append("statutory_limit.basis: 行政许可法42(2) is for joint handling (article 26)")
    if extension and (extension.n > more or extension.approver != approver):
        problems.append(f"extension: {legal.basis} gives {more} working days more, approved by {approver}")
    return problems


def _procedure_problems(item: ItemVersion) -> list[str]:
    problems = []
    if (item.type == "01") != (item.procedure_law == "PERMIT"):
        problems.append("procedure_law: PERMIT and type 01 (行政许可) belong together")
    if item.on_overdue != "none" and not item.on_overdue_basis:
        problems.append("on_overdue_basis: silence is approval only where a law says so")
    if item.promise_permit and item.excluded_field != "none":
        problems.append(f"promise_permit: not in the field {item.excluded_field} (国办发〔2020〕42号)")
    if item.in_force_to and item.in_force_to < item.in_force_from:
        problems.append("in_force_to: before in_force_from")
    for step in item.special_procedures:
        own_basis = step.basis != "行政许可法45"
        if step.excluded and step.kind not in EXCLUDED_KINDS and not own_basis:
            problems.append(f"special_procedures {step.kind}: not one of the eight kinds of 行政许可法45")
    return problems


def _place_problems(item: ItemVersion) -> list[str]:
    """What is wrong with the departments that take part beside the item's own."""
    problems = []
    if len({item.department, *item.joint}) != 1 + len(item.joint):
        problems.append("joint: each department takes part once, and the item's own leads")
    if item.pre_examination in {item.department, *item.joint}:
        problems.append("pre_examination: the lower authority is another department")
    if (item.joint or item.pre_examination) and item.procedure_law in {"REAL_ESTATE", "MARKET_ENTITY"}:
        problems.append("joint: registration is one authority's, by itself and at one level")
    if item.joint and item.pre_examination:
        problems.append("pre_examination: not together with joint handling")
    return problems


def _text_problems(item: ItemVersion) -> list[str]:
    unknown = sorted(item.document_texts.keys() - KINDS.keys())
    return [f"document_texts: there is no document {code}" for code in unknown]


def to_wire(item: ItemVersion) -> dict[str, Any]:
    """The item as plain JSON values, for storing."""
    wire: dict[str, Any] = msgspec.to_builtins(item)
    return wire


def from_wire(wire: Mapping[str, Any]) -> ItemVersion:
    """The item from stored JSON values.

    :raises Malformed: ``item_not_readable`` when the values are not an item.
    """
    try:
        return msgspec.convert(wire, ItemVersion)
    except msgspec.ValidationError as error:
        raise Malformed(
            "item_not_readable", f"事项数据不完整：{error}。", f"The item data is not complete: {error}."
        ) from error


@cache
def load_catalogue() -> tuple[ItemVersion, ...]:
    """The sample items that come with this release, in the order of their file names."""
    folder = resources.files("workflows") / "catalogue" / "items"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(load_item(file.read_text(encoding="utf-8"), file.name) for file in files)
