"""What a document is printed from, gathered: its own row, the event that issued it, and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.context import Context
from storage import materials, organisations, papers, people
from storage.db import reading
from workflows.documents import KINDS
from workflows.documents.source import Place, Source
from workflows.flow import Flow
from workflows.payload import named_logins

_PINNED: Final = ("flow", "flow_version", "item_id", "item_name", "item_name_en")
"""The versions under which a document was issued: not those to which its case has been moved since."""
_OF_EVENT: Final = ("name", "at", "actor_name", "role", "clocks", "from_state", "to_state")


async def source_of(context: Context, case: dict[str, Any], row: dict[str, Any]) -> Source:
    """The source of an issued document.

    :param case: as :func:`storage.cases.read` gives it. :param row: as :func:`storage.papers.read` gives it.
    """
    case = case | {name: row[name] for name in _PINNED}
    event = {name: row[name] for name in _OF_EVENT} | {"data": row["event_data"]}
    opinions = await papers.opinions(case["id"], row["seq"], row["next_seq"]) if row["code"] == "D14" else []
    certificate = await papers.certificate(row["number"]) if row["code"] == "D17" else None
    return await gather(
        context, case, row, event, opinions=tuple(opinions), certificate=certificate, word=row["agency"]
    )  # fmt: skip


async def gather(
    context: Context, case: dict[str, Any], row: Mapping[str, Any], event: Mapping[str, Any], *, word: str, **more: Any
) -> Source:
    """The source of a document that need not be issued yet.

    :param row: ``code``, ``number``, ``data``, ``issued_at`` (UTC). :param word: of whose number it carries (机关代字).
    :param more: other fields of :class:`Source`.
    """
    flow = await context.flow(case["flow"], case["flow_version"])
    item = await context.item(case["item_id"])
    hall, department = await _place(case["hall"]), await _place(case["department"])
    agency = await organisations.by_word(word)
    region = await organisations.region_of(case["department_path"])
    async with reading() as connection:
        held = {line["line"]: line for line in await materials.of_case(connection, case["id"])}
    codes = [code for code in (event["data"].get("department", ""), item.pre_examination) if code]
    return Source(
        code=row["code"],
        number=row["number"],
        data=row["data"],
        issued_at=row["issued_at"],
        event=event,
        case=case,
        item=item,
        agency=_named(agency) if agency else (hall if KINDS[row["code"]].agency == "hall" else department),
        hall=hall,
        department=department,
        government=f"{region['name']}人民政府" if region else "",
        basis=row["data"].get("basis") or basis_of(flow, event, row["code"]),
        hours=context.hours(case["hall_hours"]),
        people=await people.names(named_logins(row["data"])),
        places={code: (await _place(code)).name for code in codes},
        held=held,
        address=address_of(context, case["query_code"], row["code"]),
        **more,
    )


def basis_of(flow: Flow, event: Mapping[str, Any], code: str) -> str:
    """The article of the step that issued a document; empty where the flow does not say."""
    act = event["name"].rpartition(":")[2]
    steps = [step.definition for step in flow.steps if step.definition.action == act]
    exact = [one for one in steps if event["from_state"] in one.sources and code in one.documents]
    return next((one.basis for one in [*exact, *steps]), "")


def address_of(context: Context, query_code: str, code: str = "") -> str:
    """Where an applicant asks for the status; from what they sign for the result (D18), where they rate.

    :param code: of the document. :returns: empty while the installation has no public address.
    """
    public = context.settings.public_url.rstrip("/")
    return f"{public}/status/{query_code}{'/rating' if code == 'D18' else ''}" if public else ""


async def _place(code: str) -> Place:
    row = await organisations.by_code(code)
    return _named(row) if row else Place(code)


def _named(row: Mapping[str, Any]) -> Place:
    return Place(row["name"], row["name_en"], row["phone"])
