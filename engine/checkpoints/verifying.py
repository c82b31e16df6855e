"""The whole verification: rows, chains, checkpoints and stored objects, in one report."""

from __future__ import annotations

from typing import Literal

from engine.auditing import Report, verify
from engine.checkpoints.checkpoint_verifying import verify_checkpoints, verify_sealed
from engine.checkpoints.object_verifying import verify_objects, verify_objects_of
from engine.checkpoints.spread_verifying import verify_spread
from engine.checkpoints.trail_verifying import verify_told
from engine.context import Context

Objects = Literal["none", "sample", "all"]
"""How much of the stored evidence is read."""


async def verify_all(
    context: Context, number: str | None = None, *, objects: Objects = "none", seed: str = "", processes: int = 1
) -> Report:
    """Verify the trail, everything that seals it, and as much of the stored evidence as asked for.

    :param number: only this case; then all of its objects, unless none are asked for. :param seed: chooses the sample.
    :param processes: over how many the walk through the trails is spread.
    :raises DefinitionError: ``checkpoint_key_wrong``. :raises Unavailable: when a server does not answer.
    """
    spread = processes > 1 and number is None
    report = await (verify_spread(context.settings, processes) if spread else verify(number))
    report.breaches += await verify_told(number)
    if number is None:
        checked = await verify_checkpoints(context)
        report.checkpoints, report.sealed_heads = checked.checkpoints, checked.heads
        report.breaches += checked.breaches
    else:
        report.breaches += await verify_sealed(number)
    if objects != "none":
        sample = seed if objects == "sample" else None
        count, found = await (verify_objects_of(context, number) if number else verify_objects(context, sample=sample))
        report.objects = count
        report.breaches += found
    return report
