"""What the papers say that belong to no case: D02 of a consultation, D22, D23 of a batch, D26."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from workflows.documents.source import Slip
from workflows.documents.wording import ID_KINDS, Words
from workflows.impasse import LINES, TITLES

Facts = dict[str, Any]


def consultation(slip: Slip, _: Words) -> Facts:
    """D02 一次性告知单: what was asked and answered, what is lacking, and how and where it is to be had."""
    data = slip.data
    return {
        "question": data["question"],
        "answer": data["answer"],
        "gaps": [{name: gap[name] for name in ("material", "defect", "how_to_obtain")} for gap in data["gaps"]],
        "clerk": data["clerk"],
    }


def mandate(slip: Slip, w: Words) -> Facts:
    """D22 授权委托书: who acts for whom, in what, from when until when (民法典165)."""
    data = slip.data
    return {
        "principal_id_kind": ID_KINDS.get(data["principal_id_kind"], ""),
        "principal_id_number": data["principal_id_masked"],
        "agent": data["agent"],
        "agent_id_kind": ID_KINDS.get(data["agent_id_kind"], ""),
        "agent_id_number": data["agent_id_masked"],
        "matter": data["matter"],
        "powers": "、".join(data["powers"]),
        "valid_from": w.day(data["from_on"]),
        "valid_to": w.day(data["until_on"]),
    }


def impasse(slip: Slip, w: Words) -> Facts:
    """D26 办不成事工单: what could not be done, who looks into it, by when, and what has happened."""
    data = slip.data
    return {
        "person": data["person"],
        "matter": data["matter"],
        "state": TITLES[data["state"]][0],
        "registered_at": w.moment(data["registered_at"]),
        "contact_by": w.day(data["contact_due_on"]),
        "due": w.day(data["due_on"]),
        "complex": data["complex"],
        "history": [
            {"at": w.moment(row["at"]), "by": row["by"], "step": LINES[row["step"]][0],
             "note": row["note"]}
            for row in data["history"]
        ],
    }  # fmt: skip


def batch(slip: Slip, w: Words) -> Facts:
    """D23 材料移交单 of a sealed batch: from whom to whom, the seal and its counts, line by line; both ends sign."""
    data = slip.data
    return {
        "from": data["from"],
        "to": data["to"],
        "handed_at": w.moment(data["packed_at"]),
        "batch": data["scanned"],
        "seal": data["seal"],
        "cases": str(len({row["case"] for row in data["lines"]})),
        "originals": str(sum(row["originals"] for row in data["lines"])),
        "copies": str(sum(row["copies"] for row in data["lines"])),
        "sheets": str(sum(row["sheets"] for row in data["lines"])),
        "lines": [
            {"case": row["case"], "name": row["name"]}
            | {part: str(row[part]) for part in ("originals", "copies", "sheets")}
            for row in data["lines"]
        ],
        "materials": [],
        "opinion": "",
        "returned": False,
        "clerk": data["clerk"],
    }


FACTS: Final[Mapping[str, Callable[[Slip, Words], Facts]]] = MappingProxyType(
    {"D02": consultation, "D22": mandate, "D23": batch, "D26": impasse}
)
"""What each kind says beside the common head."""
