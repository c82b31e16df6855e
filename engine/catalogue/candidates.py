"""What a draft proposes, read from its text and checked: against the law, what is published, and the calendar day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from engine.catalogue.changing import check_change
from engine.publishing import (
    digest_of,
    require_departments,
    require_in_order,
    require_not_cancelled,
    require_number,
    version_taken,
)
from storage import catalogues, versions
from workflows.errors import Conflict, Malformed
from workflows.flow import Flow, parse_flow
from workflows.item import ItemVersion, from_wire, load_item
from workflows.lints import require_lawful
from workflows.toml_files import refusal, refuse_nested

DraftKind = Literal["item", "flow", "suspension", "resumption", "cancellation"]
TEXTS: Final = frozenset({"item", "flow"})
"""The kinds of drafts that publish a version from a text."""
BASIS: Final = "国办函〔2016〕108号"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal as read: what it is about, and its content where it publishes a version."""

    kind: str
    subject: str
    title: str = ""
    title_en: str = ""
    version: int | None = None
    text: str = ""
    content: ItemVersion | Flow | None = None
    in_force_from: date | None = None
    last_day: date | None = None


def read_candidate(kind: str, text: str, item: str, in_force_from: date | None, last_day: date | None) -> Candidate:
    """What is proposed, read from its text.

    :raises DefinitionError: naming every problem of the text, by key or by ``file:line``.
    :raises Malformed: ``proposal_incomplete``.
    """
    if kind == "item" and text.strip():
        found = load_item(text, "item.toml")
        require_number(found.code, found.version)
        return Candidate(kind, found.code, found.name, found.name_en, found.version, text, found, found.in_force_from)
    if kind == "flow" and text.strip():
        flow = _flow(text)
        require_number(flow.name, flow.version)
        return Candidate(kind, flow.name, flow.title, flow.title_en, flow.version, flow.source, flow, in_force_from)
    if kind in TEXTS or not item:
        raise Malformed(
            "proposal_incomplete",
            "请提交事项或流程的文本；暂停、恢复、取消请写明事项编码。",
            "Send the text of the item or flow; a suspension, resumption or cancellation names the item's code.",
        )
    return Candidate(kind, item, last_day=last_day if kind == "cancellation" else None)


def _flow(text: str) -> Flow:
    refuse_nested(text, "flow.toml")
    try:
        return parse_flow(text, "flow.toml")
    except RecursionError:
        raise refusal("flow.toml", ["nested too deeply"]) from None


async def check(candidate: Candidate, today: date) -> dict[str, Any]:
    """Refuse what may not be published or done now; the newest version of a changed item, or the department, otherwise.

    :param today: the hall's date. :raises YichuangError: with what is wrong and the article.
    """
    content = candidate.content
    if content is None:
        return await check_change(candidate.kind, candidate.subject, candidate.last_day, today)
    found = await (_check_item(content) if isinstance(content, ItemVersion) else _check_flow(content))
    if candidate.in_force_from is not None and candidate.in_force_from < today:
        raise Conflict(
            "begins_in_the_past",
            f"实施日期{candidate.in_force_from:%Y-%m-%d}已过，新版本不得溯及既往。请改为今天或以后的日期。",
            f"The first day, {candidate.in_force_from}, has passed; a version does not apply to days gone by.",
            basis="不溯及既往",
        )
    return found


async def _check_item(item: ItemVersion) -> dict[str, Any]:
    published = await versions.of_item(item.code)
    for row in published:
        if row["version"] == item.version:
            known = await versions.item_version(item.code, item.version)
            _refuse_known(f"{item.code} {item.version}", same=known is not None and from_wire(known["data"]) == item)
    if published:
        require_in_order(f"{item.code} {item.version}", item.version, published[0]["version"])
        require_not_cancelled(published[0])
    heads = [row for row in await catalogues.flow_heads() if row["name"] == item.flow]
    if not any((row["in_force_from"] or item.in_force_from) <= item.in_force_from for row in heads):
        raise Conflict(
            "flow_not_published",
            f"事项“{item.name}”的办理流程（{item.flow}）在{item.in_force_from:%Y-%m-%d}没有已发布的版本。请先发布流程。",
            f"The procedure {item.flow} has no version in force on {item.in_force_from}; publish it first.",
            basis=BASIS,
        )
    return await require_departments(item)


async def _check_flow(flow: Flow) -> dict[str, Any]:
    require_lawful(flow)
    published = await versions.of_flow(flow.name)
    for row in published:
        if row["version"] == flow.version:
            _refuse_known(f"{flow.name} {flow.version}", same=row["digest"] == digest_of(flow))
    if published:
        require_in_order(f"{flow.name} {flow.version}", flow.version, published[0]["version"])
    return {}


def _refuse_known(what: str, *, same: bool) -> None:
    if not same:
        raise version_taken(what)
    raise Conflict(
        "version_published",
        f"{what} 已发布，内容相同，无需再次提出。",
        f"{what} is published with the same content; there is nothing to propose.",
    )
