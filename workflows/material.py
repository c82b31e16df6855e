"""One line of an item's material list: what may be asked of an applicant, and what a proof is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from workflows.errors import Conflict, Malformed
from workflows.toml_files import Problem

Count = Annotated[int, msgspec.Meta(ge=0, le=99)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Flag = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{1,39}$")]


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


class SituationChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to an enumerated question; choosing it sets its flag."""

    flag: Flag
    answer: Text
    answer_en: Text


class SituationQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question about the applicant's circumstances (情形).

    Without ``choices`` it is answered by yes or no, and a yes sets its flag. With them exactly one is chosen, whose
    flag is set instead. The flags under which an item's lines apply are all of them together.
    """

    flag: Flag
    question: Text
    question_en: Text
    choices: Annotated[tuple[SituationChoice, ...], msgspec.Meta(min_length=2, max_length=20)] | UnsetType = UNSET

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that an answer may set."""
        return tuple(choice.flag for choice in self.choices) if self.choices else (self.flag,)


class MaterialLine(msgspec.Struct, frozen=True, kw_only=True):
    """One material an item asks for.

    :param originals: how many originals are kept. :param copies: how many copies are kept.
    :param source: who issues it, in words for the applicant.
    :param e_cert: an electronic certificate can be fetched, so paper is not asked for (国务院令716号7).
    :param condition: a situation flag, or ``!`` and a flag, under which the line applies; empty: always.
    :param how_to_obtain: where and how the applicant gets it; printed on every notice.
    :param reusable_as: name of the certificate or proof that this line asks for, where its own name is another; what
        was verified for one line is offered for every line that asks for the same.
    :param personal: whether its pages show who looks at them (个人信息保护法51); by default those of certificates do.
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
    reusable_as: Text | UnsetType = UNSET
    personal: bool | UnsetType = UNSET

    @property
    def proof(self) -> str:
        """The name of what the line asks for, the same for every line that asks for it."""
        return self.reusable_as or self.name

    @property
    def marked(self) -> bool:
        """Whether whoever looks at its pages, or exports them, is named on them."""
        return self.kind is MaterialKind.certificate if self.personal is UNSET else self.personal

    def applies(self, situation: AbstractSet[str]) -> bool:
        """Whether the line is asked for under these situation flags."""
        if self.condition.startswith("!"):
            return self.condition[1:] not in situation
        return not self.condition or self.condition in situation


def list_problems(
    lines: Sequence[MaterialLine], questions: Sequence[SituationQuestion], *, tolerance: bool
) -> list[Problem]:
    """What is wrong with a material list as a whole, each problem beginning with its key.

    :param tolerance: whether the item is on the published tolerance list (容缺受理); only then may one wait.
    """
    named = [flag for question in questions for flag in question.flags]
    flags, codes = set(named), [line.code for line in lines]
    problems = [
        *(_twice("materials", "材料编号", "code", code) for code in sorted(set(codes)) if codes.count(code) > 1),
        *(_twice("situations", "情形标识", "flag", flag) for flag in sorted(flags) if named.count(flag) > 1),
    ]
    return problems + [problem for line in lines for problem in _line_problems(line, flags, tolerance=tolerance)]


def _twice(where: str, zh: str, en: str, name: str) -> Problem:
    return Problem(where, f"{zh} {name} 重复", f"{en} {name} is used twice")


def _line_problems(line: MaterialLine, flags: AbstractSet[str], *, tolerance: bool) -> Iterator[Problem]:
    where = f"materials {line.code}"
    if line.originals + line.copies == 0:
        yield Problem(where, "原件和复印件份数都是0", "originals and copies are both 0")
    if line.condition and line.condition.removeprefix("!") not in flags:
        zh, en = f"没有情形问题对应 {line.condition}", f"no situation asks for {line.condition}"
        yield Problem(f"{where}.condition", zh, en)
    if line.necessity is Necessity.deferrable and not tolerance:
        zh, en = "可容缺，但事项不在容缺受理清单内", "deferrable, but the item is not on the tolerance list"
        yield Problem(f"{where}.necessity", zh, en)
    if line.e_cert and line.grade is not Grade.A:
        yield Problem(f"{where}.grade", "电子证照应为A级", "an electronic certificate is of grade A")


def check_answers(questions: Sequence[SituationQuestion], answers: Sequence[str]) -> frozenset[str]:
    """The flags of a situation, if they answer the item's questions.

    :param answers: the flags of every yes and of every choice that was made.
    :raises Conflict: ``situation_unknown`` for a flag that no question of the item sets.
    :raises Malformed: ``situation_ambiguous`` for two choices of one question, ``situation_unanswered`` for none.
    """
    known = [flag for question in questions for flag in question.flags]
    unknown = sorted(set(answers) - set(known))
    if unknown:
        raise Conflict(
            "situation_unknown",
            f"该事项没有情形：{'、'.join(unknown)}。",
            f"This item knows no situation {', '.join(unknown)}.",
            situations=known,
        )
    for question in questions:
        chosen = set(answers) & set(question.flags)
        if question.choices and len(chosen) != 1:
            raise Malformed(
                "situation_ambiguous" if chosen else "situation_unanswered",
                f"“{question.question}”须选择一项，且只能选一项。",
                f"Choose exactly one answer to: {question.question_en}",
                question=question.flag,
                situations=list(question.flags),
            )
    return frozenset(answers)
