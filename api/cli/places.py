"""Commands for the tree of places: regions, halls, departments, windows."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.keeping import data_option, now, run
from workflows.place import parse_places


@click.group()
def organisation() -> None:
    """Regions, halls, departments and windows."""


@organisation.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
def organisation_import(file: Path, data: Path | None) -> None:
    """Add the places of a TOML FILE that are missing; all of them or none."""
    from engine.administration.managing_places import import_places  # noqa: PLC0415  # needs a database

    places = parse_places(file.read_text("utf-8"), str(file))
    added = run(lambda: import_places(places, now()), data)
    for code in added:
        click.echo(f"{code}: added")
    click.echo(f"{len(added)} of {len(places)} added, the others were there already")


@organisation.command("list")
@data_option
def organisation_list(data: Path | None) -> None:
    """List every place from the top down: path, kind, name."""
    from storage import organisations  # noqa: PLC0415  # needs a database

    for row in run(organisations.every, data):
        click.echo(f"{row['path']}\t{row['kind']}\t{row['name']}")
