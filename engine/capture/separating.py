"""Separator sheets: printed for the lines of a case, and recognised as ours when they come back through a scanner."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from engine.context import Context
from engine.documents.typesetting import code_of as drawn_code
from engine.documents.typesetting import typesetter
from engine.evidence import require_open, require_uploader
from engine.reading import log_access, seen_case
from workflows import separator
from workflows.actor import Actor
from workflows.errors import Conflict
from workflows.material import MaterialLine
from workflows.separator import Separator

_KIND: Final = "separator"


def sheet_code(context: Context, number: str, line: str) -> str:
    """The code of the sheet for a line of a case."""
    return separator.code_of(number, line, _seal(context, number, line))


def is_ours(context: Context, sheet: Separator) -> bool:
    """Whether this system printed the sheet."""
    return hmac.compare_digest(sheet.seal, _seal(context, sheet.number, sheet.line))


def _seal(context: Context, number: str, line: str) -> str:
    return separator.seal_of(context.sealer.index(f"{number}/{line}", _KIND))


async def print_sheets(
    context: Context, actor: Actor, number: str, now: datetime, lines: Collection[str] = ()
) -> bytes:
    """A PDF with a separator sheet for each line of a case that applies.

    :param now: UTC. :param lines: only these; all of them when empty.
    :raises NotFound: ``case_not_found``. :raises Forbidden: ``role_not_allowed``.
    :raises Conflict: ``case_closed``; ``material_not_on_list`` where none of the lines is.
    :raises Unavailable: ``faces_not_installed``.
    """
    case, flow = await seen_case(context, actor, number)
    require_uploader(actor, case)
    require_open(flow, case)
    item = await context.item(case["item_id"])
    flags = frozenset(case["situation"])
    wanted = [one for one in item.materials if one.applies(flags) and (not lines or one.code in lines)]
    if not wanted:
        raise Conflict(
            "material_not_on_list",
            "所选材料不在该事项当前情形的材料清单内。",
            "None of these lines is on the list of this item for this situation.",
            basis="行政许可法32；优化营商环境条例",
        )
    await log_access(actor, number, "separators.print", now)
    values = _values([_sheet(context, number, line) for line in wanted])
    return await asyncio.to_thread(typesetter(context.settings).pdf, values, now)


def _sheet(context: Context, number: str, line: MaterialLine) -> dict[str, str]:
    code = sheet_code(context, number, line.code)
    return {
        "number": number,
        "line": line.code,
        "name": line.name,
        "name_en": line.name_en,
        "code": code,
        "qr": drawn_code(code),
    }


def _values(sheets: list[dict[str, str]]) -> dict[str, Any]:
    """What the typesetter needs of any paper; a sheet has no seal and no code of its own beside those of its pages."""
    return {"code": "separators", "scanned": "", "seal": None, "sheets": sheets}
