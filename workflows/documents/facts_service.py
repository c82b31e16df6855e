"""What papers say that go from hand to hand: D18, D23, D28."""

from __future__ import annotations

from typing import Any

from workflows.documents import KINDS
from workflows.documents.facts_receipt import materials
from workflows.documents.source import Row, Source
from workflows.documents.wording import ID_KINDS, RELATIONS, WAYS, Words

Facts = dict[str, Any]


def service(source: Source, w: Words) -> Facts:
    """D18 送达回证: each document, how and when it was served, on whom, or who saw that it was refused."""
    data = source.data
    person = data.get("recipient") or {}
    return {
        "documents": [_served(source, w, row) for row in _lines(source)],
        "way": w.pair(WAYS, data.get("way", "")),
        "served_at": w.moment(source.event["at"]),
        "recipient": data.get("received_by") or person.get("name", ""),
        "relation": w.pair(RELATIONS, person.get("relation", "self")) if person else "",
        "id_kind": ID_KINDS.get(person.get("id_kind", ""), ""),
        "id_number": person.get("id_number", ""),
        "refused": bool(data.get("refused")) or data.get("way") == "left",
        "witness": data.get("witness") or "",
        "waybill": data.get("waybill") or "",
        "clerk": source.event["actor_name"],
    }


def _lines(source: Source) -> list[Row]:
    package = source.data.get("lines")
    if not package:
        return [{"case": source.case["number"], **row} for row in source.data.get("documents", ())]
    return [{"case": line["case"], **row} for line in package for row in line["documents"]]


def _served(source: Source, w: Words, row: Row) -> Facts:
    kind = KINDS[row["code"]]
    title = source.item.result.name if row["code"] == "D17" and row["case"] == source.case["number"] else kind.title
    return {"title": w.of(title, kind.title_en), "number": row["number"], "case": row["case"]}


def handover(source: Source, w: Words) -> Facts:
    """D23 材料移交单: from whom to whom, what, when; both sign. Also of originals handed back to the applicant."""
    if source.act == "returned":
        return _handed_back(source, w)
    to = source.places.get(source.event["data"].get("department", ""), source.department.name)
    upward = source.act == "report_up"
    below = source.places.get(source.item.pre_examination, "")
    return {
        "from": below if upward else source.hall.name,
        "to": to,
        "handed_at": w.moment(source.event["at"]),
        "materials": materials(source, w, source.held),
        "sheets": str(sum(row.get("pages") or 0 for row in source.held.values())),
        "opinion": source.data.get("opinion", ""),
        "returned": False,
        "clerk": source.event["actor_name"],
    }


def _handed_back(source: Source, w: Words) -> Facts:
    """The originals that the hall hands back, to whom, and who saw it where the signature was refused."""
    data = source.data
    rows = [{**row, "pages": row["sheets"]} for row in data["papers"]]
    return {
        "from": source.hall.name,
        "to": data["received_by"],
        "handed_at": w.moment(source.event["at"]),
        "materials": [
            {"name": w.of(*source.line_name(row["line"])), "originals": str(row["originals"]),
             "copies": str(row["copies"]), "pages": str(row["pages"]), "form": "纸质"}
            for row in rows
        ],
        "sheets": str(sum(row["pages"] for row in rows)),
        "opinion": "",
        "returned": True,
        "relation": w.pair(RELATIONS, data["relation"]),
        "id_kind": ID_KINDS.get(data["id_kind"], ""),
        "id_number": data["id_number"],
        "witness": data["witness"],
        "clerk": source.event["actor_name"],
    }  # fmt: skip


def electronic(source: Source, w: Words) -> Facts:
    """D28 送达地址确认书: the address, masked, to which papers may be sent (国务院令716号10)."""
    return {
        "address": source.data.get("electronic_address", ""),
        "confirmed_at": w.moment(source.event["at"]),
        "signed": bool(source.data.get("signed")),
    }
