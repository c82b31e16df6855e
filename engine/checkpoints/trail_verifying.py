"""Does what the trail tells fit the rows and the seals? Chains that hold in themselves are not enough.

Evidence whose row was removed is missed nowhere else, for objects are found by their rows; and a case that was invented
afterwards is whole, only that checkpoints of its time do not know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from engine.auditing import Breach
from storage import checkpoints, trail_checks
from storage.trail_checks import Told
from workflows.checkpoint import bounds_of, read_header

TOLERANCE: Final = timedelta(hours=1)
"""How long after its stamp an event may be committed at most."""
_CASES: Final = 1000
_AT_A_TIME: Final = 200
_KINDS: Final = {"scan": "扫描件", "document": "文书", "paper": "文书文件"}


async def verify_told(number: str | None = None) -> list[Breach]:
    """What the trails of all cases, or of one, tell and does not fit.

    :raises Unavailable: when the database does not answer.
    """
    bounds = bounds_of(await _ends(), TOLERANCE)
    breaches: list[Breach] = []
    async for cases in trail_checks.portions(number, _CASES):
        breaches += [_missing(told) for told in await trail_checks.missing(cases)]
        breaches += [_backdated(*found) for found in await trail_checks.backdated(cases, bounds)]
    return breaches


async def _ends() -> list[tuple[int, datetime]]:
    """Number and end of every checkpoint; those that cannot be read are named elsewhere."""
    ends: list[tuple[int, datetime]] = []
    last = 0
    while rows := await checkpoints.listed(last, _AT_A_TIME):
        ends += _readable(rows)
        last = rows[-1]["number"]
    return ends


def _readable(rows: Sequence[dict[str, Any]]) -> list[tuple[int, datetime]]:
    found = []
    for row in rows:
        try:
            found.append((row["number"], read_header(row["header"]).until))
        except ValueError:
            continue
    return found


def _missing(told: Told) -> Breach:
    zh, en = _KINDS[told.kind], told.kind
    return Breach(
        told.case,
        told.seq,
        f"{told.kind}_row_missing",
        f"办件 {told.case} 第 {told.seq} 条：所记{zh} {told.name} 的登记缺失或与留痕不符",
        f"case {told.case}, event {told.seq}: the row of {en} {told.name} is gone or unlike the trail",
    )


def _backdated(case: str, seq: int) -> Breach:
    return Breach(
        case,
        seq,
        "backdated",
        f"办件 {case} 第 {seq} 条：时间早于已形成的校验点，而当时的校验点没有封存它，是事后补入的",
        f"case {case}, event {seq}: the checkpoint of its time does not seal it: it was put in afterwards",
    )
