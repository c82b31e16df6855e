"""Commands for the facts: make them anew from the trail."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from api.cli.keeping import data_option, run

_NO_END = float("inf")


@click.group()
def facts() -> None:
    """What the figures are made of: one row for each case and each notice, derived from the trail."""


@facts.command("rebuild")
@data_option
def facts_rebuild(data: Path | None) -> None:
    """Make the facts of every case anew; a worker that projects meanwhile takes turns with it."""
    from engine.projecting import rebuild  # noqa: PLC0415  # needs a database

    done = run(lambda: rebuild(seconds=_NO_END, now=datetime.now(UTC)), data)
    click.echo(f"facts made: {done.cases}")
