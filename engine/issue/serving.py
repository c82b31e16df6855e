"""Service of documents (送达文书): a paper of the case reaches a person, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from engine.work import Work
from storage import procedures, services
from workflows.situation import PaperFacts

_PUBLIC_NOTICE_DAYS: Final = timedelta(days=30)
"""A paper served by public notice has reached its addressee after so many natural days (参照民事诉讼法95)."""


def serve(work: Work) -> None:
    """送达文书: one document, by its number; one that is refused is left with a witness (参照民事诉讼法88至95)."""
    payload, case = work.payload, work.case
    paper = next(paper for paper in work.situation.papers if paper.number == payload["document"])
    refused = bool(payload.get("refused")) or payload["way"] == "left"
    row = service_row(work, paper, payload["way"], payload["recipient"], refused=refused)
    work.data["served_at"] = row["served_at"].isoformat()
    work.then(services.add, [row])
    work.then(procedures.mark_served, case["id"], paper.number, row["served_at"])


def service_row(work: Work, paper: PaperFacts, way: str, recipient: str, *, refused: bool = False) -> dict[str, Any]:
    """The row of :class:`storage.services.Service` for a document that is served with this act."""
    return {
        "case_id": work.case["id"],
        "seq": work.case["head_seq"] + 1,
        "code": paper.code,
        "document_number": paper.number,
        "way": way,
        "recipient": recipient,
        "served_at": _reached(work, way),
        "refused": refused,
        "witness": work.payload.get("witness", "") if refused else "",
        "recorded_by": work.command.actor.staff,
    }


def _reached(work: Work, way: str) -> datetime:
    if way != "public_notice":
        return work.now
    return work.hours.closing(work.hours.day(work.now + _PUBLIC_NOTICE_DAYS))
