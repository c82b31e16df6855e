"""The pages of a case put in order in the browser: ticked, then turned, moved, removed, returned or put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.capture import ticked, told
from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from engine.capture import arranging
from engine.reading import seen_case
from workflows.arrangement import Edit, PageEdit
from workflows.errors import Malformed, NotAuthenticated, NotFound, YichuangError

_TURNS: Final = {"left": 270, "right": 90, "over": 180}


@get("/cases/{number:str}/arrange")
async def arrange_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """The pages of a case line by line, each with a box to tick."""
    changed = visit.asked("changed")
    return await _shown(visit, number, changed=int(changed) if changed.isdecimal() else 0)


async def _shown(
    visit: Visit, number: str, *, refusal: YichuangError | None = None, typed: Typed | None = None, changed: int = 0
) -> Response[Any]:
    case, _ = await seen_case(visit.context, visit.actor, number)
    item = await visit.context.item(case["item_id"])
    standing = await arranging.read_pages(visit.context, visit.actor, number)
    advice = await arranging.read_advice(case["id"])
    flags = frozenset(case["situation"])
    return page(
        visit.request,
        "arrange.html",
        status=refusal.status if refusal else 200,
        number=number,
        lines=standing["lines"],
        seen=standing["edits"],
        history=standing["history"],
        removed=_removed(standing),
        names={line.code: visit.wording.of(line, "name") for line in item.materials if line.applies(flags)},
        advice={key: told(found, visit.wording) for key, found in advice.items()},
        refusal=refusal,
        typed=typed or Typed(),
        changed=changed,
    )


def _removed(standing: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Pages that were removed and stand nowhere: each with the line that it was taken from last."""
    here = {(page["scan"], page["page"]) for line in standing["lines"] for page in line["pages"]}
    last = {(row["scan_id"], row["page"]): row for row in standing["history"] if row["page"]}
    return [row for key, row in last.items() if row["action"] == "remove" and key not in here]


@post("/cases/{number:str}/arrange")
async def arrange_from_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Do one thing to every ticked page."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        standing = await arranging.read_pages(visit.context, visit.actor, number)
        edits = _edits(typed, standing)
        seen = typed.get("seen")
        await arranging.edit_pages(
            visit.context, visit.actor, number, edits, visit.now, seen=int(seen) if seen.isdecimal() else 0
        )
    except (NotFound, NotAuthenticated) as refusal:
        if refusal.code != "page_not_found":
            raise
        return await _shown(visit, number, refusal=refusal, typed=typed)
    except YichuangError as refusal:
        return await _shown(visit, number, refusal=refusal, typed=typed)
    return go_to(f"/cases/{quote(number)}/arrange?changed={len(edits)}")


def _edits(typed: Typed, standing: Mapping[str, Any]) -> list[PageEdit]:
    places = ticked(typed)
    lines = [value.split("/")[0] for value in typed.fields["page"]]
    turned = {
        (line["line"], str(one["scan"]), one["page"]): one["turned"]
        for line in standing["lines"]
        for one in line["pages"]
    }
    wish = typed.get("do")
    return [
        _edit(wish, typed, line, place, turned.get((line, str(place[0]), place[1]), 0), at)
        for at, (line, place) in enumerate(zip(lines, places, strict=True))
    ]


def _edit(wish: str, typed: Typed, line: str, place: tuple[UUID, int], turned: int, at: int) -> PageEdit:
    scan, number = place
    if wish in _TURNS:
        return PageEdit(Edit.TURN, line, scan, number, turned=(turned + _TURNS[wish]) % 360)
    if wish == "move":
        position = typed.get("position").strip()
        wanted = int(position) + at if position.isdecimal() and len(position) < 7 else 0
        return PageEdit(Edit.MOVE, line, scan, number, typed.get("to_line"), wanted)
    if wish == "put_back":
        return PageEdit(Edit.PLACE, "", scan, number, line)
    if wish in {"remove", "return"}:
        return PageEdit(Edit(wish), line, scan, number)
    raise Malformed("edits_wrong", "请选择要做的操作。", "Choose what to do.")


__all__: Sequence[str] = ("arrange_from_page", "arrange_page")
