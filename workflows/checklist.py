"""The material list of one applicant (材料清单): how each line stands, and when the answers behind it may change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from workflows.check import spared, unchecked
from workflows.errors import Conflict
from workflows.item import ItemVersion
from workflows.material import MaterialLine, Necessity
from workflows.material_guards import is_missing
from workflows.proof import CheckKind
from workflows.situation import MaterialFacts

_ASKED: Final = (
    "name", "name_en", "kind", "form", "necessity", "grade", "e_cert", "source", "how_to_obtain", "how_to_obtain_en",
)  # fmt: skip


def asked_row(line: MaterialLine) -> dict[str, Any]:
    """A line as a list shows it to whoever has to bring it: what, how many, from where, and how it is had."""
    return {
        "line": line.code,
        **{name: getattr(line, name) for name in _ASKED},
        "asked": {"originals": line.originals, "copies": line.copies},
        "proof": line.proof,
    }


def standing_row(line: MaterialLine, got: MaterialFacts, today: date) -> dict[str, Any]:
    """How a line stands on a case: what is missing, which check it needs, whether paper may be asked for.

    :param today: hall date.
    """
    wanting = is_missing(line, got)
    kind = None if wanting else unchecked(line, got, today)
    return {
        "missing": {
            "originals": 0 if got.exempt else max(line.originals - got.originals, 0),
            "copies": 0 if got.exempt else max(line.copies - got.copies, 0),
            "scan": wanting and not got.scans_stored,
        },
        "needs": check_row(kind) if kind else None,
        "complete": not wanting and kind is None,
        "paper_barred": spared(got, today),
    }


def check_row(kind: CheckKind) -> dict[str, str]:
    """A check that is still to be made, with its name in both languages."""
    return {"kind": kind.value, "title": kind.zh, "title_en": kind.en}


def check_change(
    item: ItemVersion,
    before: Collection[str],
    after: Collection[str],
    *,
    facts: Mapping[str, MaterialFacts],
    noticed: Collection[str],
    told: bool,
    accepted: bool,
) -> tuple[list[str], list[str]]:
    """The lines that other answers add and drop, if the list may still change.

    :param before: the flags as answered. :param after: as they are to be, already known to the item.
    :param facts: what was handed in. :param noticed: lines that the one-time notice names. :param told: it was given.
    :raises Conflict: ``situation_unchanged``, ``situation_settled``, ``line_noticed``, ``line_handed_in``,
        ``situation_adds_after_notice``.
    """
    old, new = _codes(item, before), _codes(item, after)
    added, dropped = [one for one in new if one not in old], [one for one in old if one not in new]
    if set(before) == set(after):
        raise Conflict("situation_unchanged", "情形没有变化。", "The answers are the same as before.")
    if accepted:
        raise Conflict(
            "situation_settled",
            "申请已经受理，材料清单以受理时的情形为准，不能再更改。",
            "The application is accepted; its list stands as it was then.",
            basis="行政许可法32(1)(5)",
        )
    _refuse_dropped(dropped, facts, noticed)
    if told:
        _refuse_added(item, added)
    return added, dropped


def _refuse_added(item: ItemVersion, added: list[str]) -> None:
    asked = [line.code for line in item.materials if line.code in added and line.necessity is not Necessity.optional]
    if asked:
        raise Conflict(
            "situation_adds_after_notice",
            f"已经一次性告知，更改情形会增加材料 {'、'.join(asked)}；"
            "确因事实变化需要补充的，请用“补充告知”并写明事实。",
            f"The one-time notice has been given and this would add {', '.join(asked)}; if a fact has changed, add"
            " lines to the notice and say which.",
            basis="行政许可法32(1)(4)、72(4)",
            lines=asked,
        )


def _refuse_dropped(dropped: list[str], facts: Mapping[str, MaterialFacts], noticed: Collection[str]) -> None:
    if named := [code for code in dropped if code in noticed]:
        raise Conflict(
            "line_noticed",
            f"材料 {'、'.join(named)} 已写入补正告知，更改情形会使其不在清单内，不能更改。",
            f"The notice names {', '.join(named)}, which these answers would take off the list.",
            basis="行政许可法32(1)(4)",
            lines=named,
        )
    held = [code for code in dropped if code in facts and (facts[code].originals or facts[code].exempt)]
    if held:
        raise Conflict(
            "line_handed_in",
            f"材料 {'、'.join(held)} 已收原件或已免提交，更改情形会使其不在清单内。请先退还原件或终止免提交。",
            f"{', '.join(held)} was handed in or spared and would leave the list; give it back or end the reuse first.",
            basis="行政许可法31",
            lines=held,
        )


def _codes(item: ItemVersion, flags: Collection[str]) -> list[str]:
    return [line.code for line in item.materials if line.applies(frozenset(flags))]
