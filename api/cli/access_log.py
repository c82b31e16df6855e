"""Commands for the access log: old days into files, and out of the database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import uvloop

from api.cli.addresses import settings_here
from api.cli.keeping import data_option


@click.group("access-log")
def access_log() -> None:
    """Who looked at whom and why."""


@access_log.command("archive")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Days before this; default: the term.")
@click.option("--drop", is_flag=True, help="Take the entries out of the database once their file is whole.")
@data_option
def access_log_archive(folder: Path, before: datetime | None, drop: bool, data: Path | None) -> None:
    """Write the days of the access log that are past their term into FOLDER, one file a day, as the schema's owner."""
    from engine.audit_desk.access_archiving import archive_days  # noqa: PLC0415  # needs a database

    until = before.date() if before else None
    days = uvloop.run(archive_days(settings_here(data), folder, datetime.now(UTC), before=until, drop=drop))
    for day in days:
        click.echo(f"{day.day}\t{day.entries}\t{day.dropped}\t{day.digest}\t{day.path}")
    click.echo(f"days: {len(days)}")
