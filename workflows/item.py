"""A service item (事项) as published: codes, limits, materials, result. A published version never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

import msgspec

from workflows.actor import Role
from workflows.clock import Unit
from workflows.errors import Conflict, Malformed
from workflows.material import MaterialLine, SituationQuestion, Text, list_problems
from workflows.numbers import parse_item_code
from workflows.toml_files import decode, refusal

ProcedureLaw = Literal["PERMIT", "REAL_ESTATE", "MARKET_ENTITY", "GENERIC"]
CaseKind = Literal["instant", "promise", "other"]
ItemType = Literal["00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "20"]
Subject = Literal["person", "enterprise", "institution", "social_organisation", "agency", "other"]
ResultKind = Literal["licence", "qualification", "approval", "registration", "payment", "other"]
Amount = Annotated[int, msgspec.Meta(ge=0, le=3650)]

#: What a permit's statutory clock may leave out without a basis of the item's own (行政许可法45).
EXCLUDED_KINDS: dict[str, tuple[str, str]] = {
    "hearing": ("听证", "hearing"),
    "tender": ("招标", "tender"),
    "auction": ("拍卖", "auction"),
    "inspection": ("检验", "inspection"),
    "testing": ("检测", "testing"),
    "quarantine": ("检疫", "quarantine"),
    "appraisal": ("鉴定", "appraisal"),
    "expert_review": ("专家评审", "expert review"),
}


class StatutoryLimit(msgspec.Struct, frozen=True, kw_only=True):
    """The time that a law gives the authority; the unit is stored as that law means it, never inferred."""

    n: Amount
    unit: Unit
    basis: Text


class PromiseLimit(msgspec.Struct, frozen=True, kw_only=True):
    """The shorter time that the authority has published (承诺时限); 0 means the same business day."""

    n: Amount
    unit: Unit


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """How far the statutory limit may be extended once, and by whom."""

    n: Amount
    unit: Unit
    approver: Literal["authority_head", "government_head"]
    basis: Text

    @property
    def role(self) -> Role:
        """The role that may approve it."""
        return Role(self.approver)


class SpecialProcedure(msgspec.Struct, frozen=True, kw_only=True):
    """A step whose time is told apart (特殊环节).

    :param excluded: its time is left out of the limits; of its own it must be one of the eight kinds.
    :param max_days: its own limit in working days (优化营商环境条例36(1)).
    :param basis: the article that lists or allows it.
    """

    kind: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z_]{1,39}$")]
    name: Text
    name_en: Text
    excluded: bool
    max_days: Amount
    basis: Text


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What the applicant takes home; ``validity_months`` None means without end."""

    kind: ResultKind
    name: Text
    name_en: Text
    validity_months: Annotated[int, msgspec.Meta(ge=1, le=1200)] | None = None


class Fee(msgspec.Struct, frozen=True, kw_only=True):
    """A lawful fee (行政许可法58). :param amount: yuan with two decimals; empty if it is not a fixed sum."""

    amount: Annotated[str, msgspec.Meta(pattern=r"^([0-9]+\.[0-9]{2})?$")] = ""
    note: str = ""
    basis: Text


class ItemVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One published version of one item.

    :param code: implementation code, 31 digits. :param base_code: national base code, 12 digits.
    :param type: GB/T 39046 A.1. :param level: of exercise, 1 to 7. :param department: organisation code.
    :param notice_days: working days for the one-time notice (行政许可法32).
    :param authorised_window: the authority has authorised the window in writing to accept and to give notice.
    :param tolerance: on the published tolerance list (容缺受理).
    :param tolerance_overdue: what becomes of an application when what it still owes never comes.
    :param promise_permit: may be decided on the applicant's promise (告知承诺).
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
    promise_permit: bool = False
    quantity_limited: bool = False
    cross_province: bool = False
    on_overdue: Literal["none", "deemed_approved", "deemed_renewed"] = "none"
    on_overdue_basis: str = ""
    visits: Annotated[int, msgspec.Meta(ge=0, le=9)] = 1
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
    materials = list_problems(item.materials, item.situations, tolerance=item.tolerance)
    return [*_code_problems(item), *_limit_problems(item), *_procedure_problems(item), *materials]


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


def _procedure_problems(item: ItemVersion) -> list[str]:
    problems = []
    if (item.type == "01") != (item.procedure_law == "PERMIT"):
        problems.append("procedure_law: PERMIT and type 01 (行政许可) belong together")
    if item.on_overdue != "none" and not item.on_overdue_basis:
        problems.append("on_overdue_basis: silence is approval only where a law says so")
    if item.in_force_to and item.in_force_to < item.in_force_from:
        problems.append("in_force_to: before in_force_from")
    for step in item.special_procedures:
        own_basis = step.basis != "行政许可法45"
        if step.excluded and step.kind not in EXCLUDED_KINDS and not own_basis:
            problems.append(f"special_procedures {step.kind}: not one of the eight kinds of 行政许可法45")
    return problems


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
