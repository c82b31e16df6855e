"""材料移交: where the papers of a case are, and the way of a batch that carries them between a hall and a department.

What was counted at receipt is in the hall until a move takes it elsewhere; nothing else can move, and never more than
is there. Who packs or sends a batch does not receive it. What does not agree with the sealed counts is written down
line by line, and stays on the way until the sender acknowledges it or a supervisor settles it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from workflows.actor import Actor, Role
from workflows.errors import Conflict, Forbidden, Malformed
from workflows.numbers import check_case_number, mod_37_36

BASIS: Final = "材料移交（D23）；国发〔2022〕5号 前台综合受理、后台分类审批"

HALL_KEEPERS: Final = (Role.clerk, Role.issuer, Role.hall_manager, Role.archivist)
"""Who packs, sends and receives papers in a hall."""
DEPARTMENT_KEEPERS: Final = (Role.officer, Role.reviewer, Role.approver)
"""The same in a department."""
KEEPERS: Final = frozenset({*HALL_KEEPERS, *DEPARTMENT_KEEPERS})
SETTLERS: Final = (Role.supervisor, Role.hall_manager)
"""Who settles a discrepancy that the sender does not acknowledge."""
WATCHERS: Final = (*HALL_KEEPERS, Role.supervisor, Role.auditor)
"""Who reads the lists of a hall."""
MOST_LINES: Final = 200
"""Lines in one batch at most, so that one transaction holds it."""


class PlaceKind(StrEnum):
    """Where a paper can be."""

    hall = "hall"
    batch = "batch"
    department = "department"
    applicant = "applicant"
    archive = "archive"
    lost = "lost"


HALL: Final = "hall:"
"""The hall of the case: what was received and is nowhere else."""
APPLICANT: Final = "applicant:"
LOST: Final = "lost:"
_WHERE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        PlaceKind.hall: ("在{name}", "in {name}"),
        PlaceKind.batch: ("在途，批次{name}", "on the way in batch {name}"),
        PlaceKind.department: ("在{name}", "at {name}"),
        PlaceKind.applicant: ("已退还申请人", "returned to the applicant"),
        PlaceKind.archive: ("已归档", "archived"),
        PlaceKind.lost: ("遗失", "lost"),
    }
)


def place_of(kind: str, code: str) -> str:
    """A place as the ledger writes it: a department by its code, a batch by its own; ``hall:`` for the hall."""
    return HALL if kind == PlaceKind.hall else f"{kind}:{code}"


def kind_of(place: str) -> PlaceKind:
    """The kind of a place of the ledger."""
    return PlaceKind(place.partition(":")[0])


def place_words(kind: str, name: str, name_en: str) -> tuple[str, str]:
    """Where a paper is, in Chinese and English. :param name: of the organisation, or the code of the batch."""
    zh, en = _WHERE[kind]
    return zh.format(name=name), en.format(name=name_en or name)


@dataclass(frozen=True, slots=True)
class Papers:
    """So many papers of one line: originals and copies in pieces, sheets in leaves."""

    originals: int = 0
    copies: int = 0
    sheets: int = 0

    def __add__(self, other: Papers) -> Papers:
        return Papers(self.originals + other.originals, self.copies + other.copies, self.sheets + other.sheets)

    def __bool__(self) -> bool:
        return any((self.originals, self.copies, self.sheets))

    def without(self, other: Papers) -> Papers:
        """What is left when the others are taken away; never less than nothing."""
        return Papers(
            max(self.originals - other.originals, 0),
            max(self.copies - other.copies, 0),
            max(self.sheets - other.sheets, 0),
        )

    @property
    def pieces(self) -> int:
        """Originals and copies together, as they are counted into a seal."""
        return self.originals + self.copies


@dataclass(frozen=True, slots=True)
class Wished:
    """So many papers of one line as somebody asks for them; None for all that are there."""

    originals: int | None = None
    copies: int | None = None
    sheets: int | None = None


def choose(line: str, here: Papers, wished: Wished) -> Papers:
    """The papers of a line that move.

    :param here: what is there. :param wished: what is asked for; sheets must be said where only a part moves.
    :raises Conflict: ``paper_not_here`` for more than is there, or where nothing is. :raises Malformed:
        ``sheets_needed``.
    """
    originals = here.originals if wished.originals is None else wished.originals
    copies = here.copies if wished.copies is None else wished.copies
    whole = (originals, copies) == (here.originals, here.copies)
    if wished.sheets is None and not whole:
        raise Malformed(
            "sheets_needed",
            f"材料{line}只移交一部分，请注明页数。",
            f"Only a part of {line} moves; say how many sheets that is.",
            line=line,
        )
    moved = Papers(originals, copies, here.sheets if wished.sheets is None else wished.sheets)
    if not moved or moved.originals > here.originals or moved.copies > here.copies or moved.sheets > here.sheets:
        raise not_here(line, here)
    return moved


def not_here(line: str, here: Papers) -> Conflict:
    """The refusal of papers that are not where somebody would take them from."""
    return Conflict(
        "paper_not_here",
        f"材料{line}在此处有原件{here.originals}份、复印件{here.copies}份、{here.sheets}页，不能超出。请核对收件登记和材料去向。",
        f"Of {line} there are {here.originals} originals, {here.copies} copies, {here.sheets} sheets here, no more;"
        " check what was received and where it is.",
        basis=BASIS,
        line=line,
    )


class BatchState(StrEnum):
    """Where a batch stands."""

    packed = "packed"
    unpacked = "unpacked"
    sent = "sent"
    received = "received"
    refused = "refused"
    taken_back = "taken_back"
    received_with_discrepancy = "received_with_discrepancy"
    settled = "settled"


class BatchStep(StrEnum):
    """What can be done with a batch."""

    unpack = "unpack"
    send = "send"
    receive = "receive"
    refuse = "refuse"
    take_back = "take_back"
    settle = "settle"


TITLES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        BatchState.packed: ("已封装", "packed"),
        BatchState.unpacked: ("已拆封", "unpacked"),
        BatchState.sent: ("已发出", "sent"),
        BatchState.received: ("已签收", "received"),
        BatchState.refused: ("已拒收，退回途中", "refused, on its way back"),
        BatchState.taken_back: ("已收回", "taken back"),
        BatchState.received_with_discrepancy: ("已签收，有差异", "received with discrepancies"),
        BatchState.settled: ("差异已处理", "settled"),
        BatchStep.unpack: ("拆封", "unpack"),
        BatchStep.send: ("发出", "send"),
        BatchStep.receive: ("签收", "receive"),
        BatchStep.refuse: ("拒收", "refuse"),
        BatchStep.take_back: ("收回", "take back"),
        BatchStep.settle: ("处理差异", "settle"),
    }
)
"""States and steps in Chinese and English."""
_FROM: Final[Mapping[BatchStep, BatchState]] = MappingProxyType(
    {
        BatchStep.unpack: BatchState.packed,
        BatchStep.send: BatchState.packed,
        BatchStep.receive: BatchState.sent,
        BatchStep.refuse: BatchState.sent,
        BatchStep.take_back: BatchState.refused,
        BatchStep.settle: BatchState.received_with_discrepancy,
    }
)
RECEIVING: Final = frozenset({BatchStep.receive, BatchStep.refuse})
"""Steps of the organisation that a batch is for; the others are the sender's."""


def steps_from(state: str) -> list[BatchStep]:
    """What can be done with a batch in this state."""
    return [step for step, source in _FROM.items() if source == state]


def check_step(step: BatchStep, state: str) -> None:
    """:raises Conflict: ``batch_step_not_allowed``, naming where the batch stands and what may be done."""
    if _FROM[step] != state:
        raise Conflict(
            "batch_step_not_allowed",
            f"该批次{TITLES[state][0]}，不能再{TITLES[step][0]}。",
            f"The batch is {TITLES[state][1]}; it cannot be {step.value} now.",
            basis=BASIS,
            allowed=[one.value for one in steps_from(state)],
        )


def check_two_people(actor: Actor, others: Collection[UUID | None]) -> None:
    """Who packed or sent a batch does not receive it, nor does who stands in for them.

    :raises Forbidden: ``same_person``.
    """
    me = {actor.person} | {grant.acting_for for grant in actor.grants}
    if (me & set(others)) - {None}:
        raise Forbidden(
            "same_person",
            "封装、发出与签收须由双方不同人员办理，请由另一人签收。",
            "Who packed or sent a batch does not receive it; somebody else must.",
            basis=BASIS,
        )


_CODE: Final = re.compile(r"P[0-9]{16}[0-9A-Z]")


def batch_code(region6: str, day: date, seq: int) -> str:
    """The code of a batch for scanners: P, region, day as yyMMdd, sequence of the day, ISO 7064 MOD 37,36 character.

    :param day: hall date. :param seq: 1 to 9999 within that region and day.
    :raises Malformed: ``number_part_wrong``.
    """
    if not re.fullmatch(r"[0-9]{6}", region6) or not 1 <= seq <= 9999:
        raise Malformed(
            "number_part_wrong",
            "编号的组成部分不正确：每个区划每日至多9999个批次。",
            "A part of the number is wrong: a region has 6 digits, a day 9999 batches at most.",
        )
    text = f"P{region6}{day:%y%m%d}{seq:04d}"
    return text + mod_37_36(text)


def read_batch_code(text: str) -> str:
    """A code as a scanner or a person typed it, in its standard form.

    :raises Malformed: ``batch_code_malformed``: no code of a batch, or its check character does not fit.
    """
    code = re.sub(r"[\s-]", "", text).upper()
    if check_case_number(code):
        raise _malformed(
            "这是办件编号，不是移交单的批次码。请扫描材料移交单上的二维码。",
            "This is a case number, not the code of a batch",
        )
    if not _CODE.fullmatch(code):
        raise _malformed(
            "不是移交单的批次码（P加16位数字和1位校验码）。请扫描材料移交单上的二维码。",
            "A batch code is P, 16 digits and a check character",
        )
    if mod_37_36(code[:-1]) != code[-1]:
        raise _malformed("批次码校验不符，可能录入有误。请重新扫描。", "The check character does not fit")
    return code


def _malformed(zh: str, en: str) -> Malformed:
    return Malformed("batch_code_malformed", zh, f"{en}; scan the code on the handover slip.")
