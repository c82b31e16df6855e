"""Ends other than a decision: 撤回, 终止办理, 作废. What the hall holds in original goes back to the applicant."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from engine.owing import owe
from engine.work import Work
from workflows.errors import Conflict

CAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "death": "参照行政许可法70(1)(2)",
        "dissolution": "参照行政许可法70(1)(3)",
        "force_majeure": "参照行政许可法70(1)(5)",
        "loss_of_object": "参照行政许可法70(1)(6)",
    }
)
"""The causes for which a case that is not decided yet is terminated, each with its article."""

TECHNICAL_ERROR: Final = "3"
NOT_CORRECTED: Final = "5"
OTHER: Final = "6"
"""Results (办结结果) in the exchange datasets: 3 deleted for a technical error, 5 never corrected, 6 other."""

ORIGINALS: Final = "originals_return"
"""The duty to hand originals back to the applicant."""

_KIND_OF: Final = MappingProxyType({"death": "person", "dissolution": "organisation"})


def withdraw(work: Work) -> None:
    """撤回: the applicant's own wish before the decision; D19 lists what goes back."""
    work.data["result_code"] = OTHER
    list_returned(work, "D19")


def terminate(work: Work) -> None:
    """终止办理: the case has lost its applicant or its object; D20 lists what goes back.

    :raises Conflict: ``cause_does_not_fit``: only a person dies, only an organisation is dissolved.
    """
    cause = work.payload["cause"]
    if _KIND_OF.get(cause, work.case["applicant"]["kind"]) != work.case["applicant"]["kind"]:
        raise Conflict(
            "cause_does_not_fit",
            "终止事由与申请人类型不符：死亡适用于自然人，终止（解散）适用于法人和其他组织。",
            "This cause does not fit the applicant: only a person dies, only an organisation is dissolved.",
            basis=CAUSES[cause],
        )
    work.data |= {"result_code": OTHER, "cause_basis": CAUSES[cause]}
    list_returned(work, "D20")


def propose_void(work: Work) -> None:
    """提出作废: the supervisor names the technical error; nothing ends yet."""
    work.change(void_proposer_id=work.command.actor.person)


def void(work: Work) -> None:
    """作废: the auditor has verified it. The case stays in the log and in no figure (结果代码3)."""
    work.data |= {"result_code": TECHNICAL_ERROR, "proposed_by": str(work.case["void_proposer_id"])}
    _give_back(work)


def refuse_acceptance(work: Work) -> None:
    """不予受理: what was handed in goes back to the applicant (许可法32(2))."""
    _give_back(work)


def list_returned(work: Work, document: str) -> None:
    """Put the originals that go back into the document of this act, and into its event."""
    papers = _give_back(work)
    work.papers_data[document] = {**work.papers_data.get(document, {}), "returned": papers}


def _give_back(work: Work) -> list[dict[str, Any]]:
    """Name the originals that go back in the act's event; from now on the hall owes them to the applicant."""
    papers = work.data["returned"] = returned(work)
    if papers:
        owe(work, ORIGINALS, work.context.settings.paper_return_days)
    return papers


def returned(work: Work) -> list[dict[str, Any]]:
    """The originals that the hall holds, by line of the material list: line, name, how many."""
    held = work.situation.materials
    return [
        {"line": line.code, "name": line.name, "originals": held[line.code].originals}
        for line in work.item.materials
        if line.code in held and held[line.code].originals
    ]
