"""Capture in the browser: many files at once, what became of each page, and the ones that wait for a clerk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.many_uploads import Fields, Refuse, Take, receive_files
from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.pages.wording import Wording
from api.rest.capture import hands
from engine.capture import arranging, capturing, unsorted
from engine.capture.capturing import Opening
from workflows.arrangement import Edit, PageEdit
from workflows.errors import Malformed, NotAuthenticated, NotFound, YichuangError
from workflows.page_advice import Advice, words

_REFRESH_SECONDS: Final = 2
"""How soon the page of a batch at work asks again."""
_FIELDS: Final = ("name", "case", "line")


@get("/capture")
async def capture_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """A form for many files, and the newest batches."""
    return await _shown(visit)


async def _shown(visit: Visit, refusal: YichuangError | None = None) -> Response[Any]:
    rows = await capturing.list_batches(visit.actor)
    status = refusal.status if refusal else 200
    batches = [{**row, "stage": _stage(row)} for row in rows]
    return page(visit.request, "capture.html", status=status, batches=batches, refusal=refusal)


def _stage(row: Mapping[str, Any]) -> str:
    return "sorted" if row["sorted_at"] else "working" if row["closed_at"] else "open"


@post("/capture", request_max_body_size=None)
async def capture_files(visit: NamedDependency[Visit]) -> Response[Any]:
    """Take the chosen files in as a batch and close it; ``csrf_token`` and the small fields come before the files."""
    opened: list[UUID] = []

    async def begin(fields: Fields) -> tuple[Take, Refuse]:
        check_csrf(visit.request, fields.get("csrf_token", ""))
        wanted = {name: fields[name].strip() for name in _FIELDS if fields.get(name, "").strip()}
        answer = await capturing.open_batch(visit.context, visit.actor, _opening(wanted), visit.now)
        opened.append(UUID(answer["batch"]))
        return hands(visit.context, visit.actor, opened[0], visit.now, "")

    try:
        await receive_files(visit.request, visit.context.settings, begin)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        if refusal.code == "csrf_refused":
            raise
        if not opened:
            return await _shown(visit, refusal)
    await capturing.close_batch(visit.context, visit.actor, opened[0], visit.now)
    return go_to(f"/capture/{opened[0]}")


def _opening(wanted: Mapping[str, str]) -> Opening:
    try:
        return msgspec.convert(wanted, Opening)
    except msgspec.ValidationError as problem:
        raise Malformed(
            "batch_target_wrong",
            "办件编号为19位数字，材料行如 M01，请核对。",
            "A case number has 19 digits and a line reads like M01; check them.",
        ) from problem


@get("/capture/{batch:uuid}")
async def batch_page(visit: NamedDependency[Visit], batch: FromPath[UUID]) -> Response[Any]:
    """A batch: files with their verdicts, unsorted pages first, then each page where it went."""
    changed = visit.asked("changed")
    return await _batch(visit, batch, changed=int(changed) if changed.isdecimal() else 0)


async def _batch(
    visit: Visit, batch: UUID, *, refusal: YichuangError | None = None, typed: Typed | None = None, changed: int = 0
) -> Response[Any]:
    row = await capturing.read_batch(visit.actor, batch)
    pages = [{**one, "advice": told(one["advice"], visit.wording)} for one in row["pages"]]
    return page(
        visit.request,
        "batch.html",
        status=refusal.status if refusal else 200,
        batch=row,
        stage=_stage(row),
        judged=sum(one["state"] != "incoming" for one in row["files"]),
        unsorted=_in(pages, "unsorted"),
        discarded=_in(pages, "discarded"),
        sheets=len(_in(pages, "separator")),
        filed=_by_line(_in(pages, "filed")),
        filed_count=len(_in(pages, "filed")),
        cases=sorted({one["case_number"] for one in pages if one["case_number"]}),
        refresh=0 if row["sorted_at"] or not row["closed_at"] else _REFRESH_SECONDS,
        refusal=refusal,
        typed=typed or Typed(),
        changed=changed,
    )


def told(advice: Any, w: Wording) -> list[str]:
    """What was measured on a page, in the reader's language."""
    return [w.pick(*words(one)) for one in msgspec.convert(advice or [], list[Advice])]


def _in(pages: Iterable[dict[str, Any]], state: str) -> list[dict[str, Any]]:
    return [one for one in pages if one["state"] == state]


def _by_line(pages: list[dict[str, Any]]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    def of_case(one: dict[str, Any]) -> str:
        return str(one["case_number"])

    def of_line(one: dict[str, Any]) -> str:
        return str(one["line"])

    return {
        number: {line: list(rows) for line, rows in groupby(sorted(of_one, key=of_line), of_line)}
        for number, of_one in groupby(sorted(pages, key=of_case), of_case)
    }


@post("/capture/{batch:uuid}/pages")
async def sort_by_hand(visit: NamedDependency[Visit], batch: FromPath[UUID]) -> Response[Any]:
    """File the ticked pages under a line of a case, set them aside, or take them up again."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        places = ticked(typed)
        if typed.get("do") == "place":
            await _place(visit, typed, places)
        else:
            for scan, number in places:
                await unsorted.set_aside(
                    visit.actor, batch, scan, number, visit.now, discarded=typed.get("do") == "discard"
                )
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _batch(visit, batch, refusal=refusal, typed=typed)
    return go_to(f"/capture/{quote(str(batch))}?changed={len(places)}")


async def _place(visit: Visit, typed: Typed, places: list[tuple[UUID, int]]) -> None:
    line = typed.get("line").strip().upper()
    edits = [PageEdit(Edit.PLACE, "", scan, number, line) for scan, number in places]
    await arranging.edit_pages(visit.context, visit.actor, typed.get("case").strip(), edits, visit.now)


def ticked(typed: Typed) -> list[tuple[UUID, int]]:
    """The ticked pages of a form, each as ``<scan>/<page>``.

    :raises Malformed: ``pages_none``.
    """
    found: list[tuple[UUID, int]] = []
    for value in typed.fields.get("page", ()):
        scan, _, number = value.rpartition("/")
        if number.isdecimal() and len(number) < 7:
            found.append((_key(scan), int(number)))
    if not found:
        raise Malformed("pages_none", "请先勾选页面。", "Tick the pages first.")
    return found


def _key(text: str) -> UUID:
    try:
        return UUID(text.rpartition("/")[2])
    except ValueError as problem:
        raise NotFound("page_not_found", "没有这一页。", "There is no such page.") from problem
