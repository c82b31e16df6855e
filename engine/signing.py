"""A signed opinion: who, as what, with what result, in what words."""

from __future__ import annotations

from typing import Any

from engine.work import Work
from storage import results
from storage.db import uuid7


def sign(work: Work, kind: str, result: str, opinion: str, article: str = "") -> None:
    """Keep an opinion under the name of whoever acts; a delegate's names the absent person too.

    :param kind: ``review``, ``endorsement``, ``return``, ``decision`` or ``revocation``, one decision a case; or the
        ``opinion`` of a department that takes part.
    :param result: what the opinion comes to, in one word. :param article: the basis of a refusal or revocation.
    """
    row: dict[str, Any] = {
        "id": uuid7(),
        "case_id": work.case["id"],
        "seq": work.case["head_seq"] + 1,
        "kind": kind,
        "result": result,
        "opinion": opinion,
        "article": article,
        "signed_by": work.command.actor.staff,
        "signed_name": work.command.actor.signature(work.situation.grant),
        "signed_at": work.now,
    }
    work.then(results.add, "decisions", row)
