"""What the timeline tells of checks, of what stands in for paper, and of changed answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from api.pages.wording import Wording
from workflows.events import EventName

_ABOUT = frozenset({EventName.MATERIAL_CHECKED, EventName.MATERIAL_REUSED, EventName.REUSE_ENDED})


def of_material(event: Mapping[str, Any], lines: Mapping[str, str], w: Wording) -> Iterator[tuple[str, str]]:
    """The line, the check and its outcome, or what stands in for paper with whose consent; lines added and dropped.

    :param lines: the name of each material line, by its code.
    """
    data = event["data"]
    if event["name"] in _ABOUT:
        yield w.t("materials.line"), _line(data["line"], lines)
        yield from _check(data, w) if event["name"] == EventName.MATERIAL_CHECKED else _reuse(data, w)
        if data.get("valid_to"):
            yield w.t("materials.valid_to"), w.day(date.fromisoformat(data["valid_to"]))
    if event["name"] == EventName.SITUATION_CHANGED:
        for name, title in (("added", "events.added"), ("dropped", "events.dropped")):
            if data[name]:
                yield w.t(title), w.t("comma").join(_line(code, lines) for code in data[name])


def _check(data: Mapping[str, Any], w: Wording) -> Iterator[tuple[str, str]]:
    yield w.word("check", data["kind"]), w.t("materials.passed" if data["passed"] else "materials.failed")
    for name in ("reference", "note"):
        if data.get(name):
            yield w.t(f"materials.{name}"), data[name]


def _reuse(data: Mapping[str, Any], w: Wording) -> Iterator[tuple[str, str]]:
    yield w.t("events.source"), data["source"] + w.t("brackets", inner=w.word("offer", data["kind"]))
    if consent := data.get("consent"):
        yield w.t("events.consent"), consent["by"] + w.t("brackets", inner=w.word("consent", consent["way"]))
    if reason := data.get("reason"):
        yield w.t("materials.end_reason"), reason


def _line(code: str, lines: Mapping[str, str]) -> str:
    return f"{code} {lines[code]}" if code in lines else code
