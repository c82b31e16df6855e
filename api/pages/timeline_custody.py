"""What an event about papers says beside its title: the batch, the lines, who took them, what did not agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.pages.wording import Wording
from workflows.counting import WORDS

SUBJECT = "paper:"


def paper_title(name: str, w: Wording) -> str:
    """The title of an event about papers; empty for other events."""
    return w.word("event", name.replace(":", "_")) if name.startswith(SUBJECT) else ""


def of_paper(event: Mapping[str, Any], lines: Mapping[str, str], w: Wording) -> Iterator[tuple[str, str]]:
    """The details of an event about papers. :param lines: the name of each material line, by its code."""
    if not event["name"].startswith(SUBJECT):
        return
    data = event["data"]
    if batch := data.get("batch"):
        yield w.t("papers.batch"), f"{data['slip']} {batch}"
    yield from ((w.t("papers.line"), _counted(row, lines, w)) for row in data.get("papers", ()))
    if outcome := data.get("outcome"):
        yield w.t("papers.outcome"), f"{w.pick(*WORDS[outcome])} {data['word']}"
    for row in data.get("discrepancies", ()):
        yield w.pick(*WORDS[row["kind"]]), f"{_counted(row, lines, w)} {row['note']}".strip()
    for name, label in (("reason", "papers.reason"), ("received_by", "papers.received_by")):
        if data.get(name):
            yield w.t(label), data[name]
    if data.get("witness"):
        yield w.t("papers.witness"), data["witness"]


def _counted(row: Mapping[str, Any], lines: Mapping[str, str], w: Wording) -> str:
    name = f"{row['line']} {lines[row['line']]}" if row["line"] in lines else row["line"]
    counts = {part: row[part] for part in ("originals", "copies", "sheets")}
    return f"{name} {w.t('papers.counted', **counts)}"
