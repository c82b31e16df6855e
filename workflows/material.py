"""One line of an item's material list: what may be asked of an applicant, and what a proof is worth."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=99)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Necessity(StrEnum):
    """Whether the application is complete without it (材料必要性)."""

    required = "required"
    deferrable = "deferrable"
    optional = "optional"


class Grade(StrEnum):
    """How far a material is trusted (国办函〔2016〕108号).

    A: issued by an authority, used directly. B: checked against the original by a window clerk, reusable with
    a watermark. C: handed in by the user, a clerk checks the original. D: made by the applicant, on promise.
    """

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class MaterialKind(StrEnum):
    """The types of GB/T 39046: certificates, forms and documents, anything else."""

    certificate = "certificate"
    form = "form"
    other = "other"


class SituationQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A yes-or-no question about the applicant's circumstances (情形); a yes sets its flag."""

    flag: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{1,39}$")]
    question: Text
    question_en: Text


class MaterialLine(msgspec.Struct, frozen=True, kw_only=True):
    """One material an item asks for.

    :param originals: how many originals are kept. :param copies: how many copies are kept.
    :param source: who issues it, in words for the applicant.
    :param e_cert: an electronic certificate can be fetched, so paper is not asked for (国务院令716号7).
    :param condition: a situation flag, or ``!`` and a flag, under which the line applies; empty: always.
    :param how_to_obtain: where and how the applicant gets it; printed on every notice.
    """

    code: Annotated[str, msgspec.Meta(pattern="^M[0-9]{2}$")]
    name: Text
    name_en: Text
    originals: Count
    copies: Count
    necessity: Necessity
    source: Text
    grade: Grade
    kind: MaterialKind = MaterialKind.other
    form: Literal["paper", "electronic", "both"] = "both"
    e_cert: bool = False
    condition: Annotated[str, msgspec.Meta(pattern="^(!?[a-z][a-z0-9_]{1,39})?$")] = ""
    how_to_obtain: Text
    how_to_obtain_en: str = ""

    def applies(self, situation: AbstractSet[str]) -> bool:
        """Whether the line is asked for under these situation flags."""
        if self.condition.startswith("!"):
            return self.condition[1:] not in situation
        return not self.condition or self.condition in situation


def list_problems(
    lines: Sequence[MaterialLine], questions: Sequence[SituationQuestion], *, tolerance: bool
) -> list[str]:
    """What is wrong with a material list as a whole, each problem beginning with its key.

    :param tolerance: whether the item is on the published tolerance list (容缺受理); only then may one wait.
    """
    flags = {question.flag for question in questions}
    codes = [line.code for line in lines]
    problems = [f"materials: code {code} is used twice" for code in sorted(set(codes)) if codes.count(code) > 1]
    for line in lines:
        where = f"materials {line.code}"
        if line.originals + line.copies == 0:
            problems.append(f"{where}: originals and copies are both 0")
        if line.condition and line.condition.removeprefix("!") not in flags:
            problems.append(f"{where}.condition: no situation asks for {line.condition}")
        if line.necessity is Necessity.deferrable and not tolerance:
            problems.append(f"{where}.necessity: deferrable, but the item is not on the tolerance list")
        if line.e_cert and line.grade is not Grade.A:
            problems.append(f"{where}.grade: an electronic certificate is of grade A")
    return problems
