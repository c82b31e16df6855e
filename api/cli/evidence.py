"""Commands for the evidence: read it again, and draw its viewing copies again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from api.cli.addresses import settings_here
from api.cli.keeping import FIRST, data_option, now, run

_NO_END = float("inf")
_AT_A_TIME = 200


@click.group()
def evidence() -> None:
    """The originals in the object store."""


@evidence.command("scrub")
@click.option("--all", "everything", is_flag=True, help="Read everything once, not only the next portion.")
@data_option
def evidence_scrub(data: Path | None, *, everything: bool) -> None:
    """Read evidence again and compare digest, size and lock; exits with 1 where something is not whole."""
    from engine.context import open_context  # noqa: PLC0415  # needs servers
    from engine.keeping.scrubbing import scrub  # noqa: PLC0415  # idem

    settings = settings_here(data)
    context = open_context(settings)
    portion = sys.maxsize if everything else settings.scrub_bytes
    done = run(lambda: scrub(context, now, portion=portion, seconds=_NO_END), data)
    found = ", ".join(f"{count} {result}" for result, count in sorted(done.broken.items()))
    click.echo(f"{done.objects} objects, {done.size} bytes read: {found or 'all whole'}")
    sys.exit(1 if done.broken else 0)


@click.group()
def views() -> None:
    """The viewing copies of scans."""


@views.command("rebuild")
@click.option("--case", "number", default=None, help="Only the scans of this case.")
@data_option
def views_rebuild(number: str | None, data: Path | None) -> None:
    """Draw the viewing copies of stored scans again from the originals; exits with 1 where one cannot be drawn."""
    counts = run(lambda: _rebuild(number, data), data)
    click.echo(f"{counts[0]} scans, {counts[1]} pages drawn, {counts[2]} scans not")
    sys.exit(1 if counts[2] else 0)


async def _rebuild(number: str | None, data: Path | None) -> tuple[int, int, int]:
    """How many scans and pages were drawn, and how many scans could not be."""
    from engine.context import open_context  # noqa: PLC0415  # needs servers
    from engine.keeping.redrawing import redraw  # noqa: PLC0415  # idem
    from storage import views as rows  # noqa: PLC0415  # idem
    from workflows.errors import Conflict, NotFound  # noqa: PLC0415  # idem

    context, after = open_context(settings_here(data)), FIRST
    scans = pages = failed = 0
    while keys := await rows.stored(after, _AT_A_TIME, number):
        for key in keys:
            try:
                pages += await redraw(context, key)
                scans += 1
            except (Conflict, NotFound) as refusal:
                failed += 1
                click.echo(f"{key}\t{refusal.code}\t{refusal.en}", err=True)
        after = keys[-1]
    return scans, pages, failed
