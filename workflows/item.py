"""A service item (事项) as published: codes, limits, materials, result. A published version never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

import msgspec

from workflows.errors import Conflict, Malformed
from workflows.item_parts import (
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
from workflows.item_problems import item_problems
from workflows.material import MaterialLine, SituationQuestion, Text
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
