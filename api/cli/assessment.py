"""Tables of assessments: read and check one, publish one."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.keeping import data_option, now, run
from workflows.assessment import packaged_text, parse_table
from workflows.errors import NotFound

PACKAGED = "monthly"


@click.group()
def assessment() -> None:
    """Tables that contractors are scored by: check, show, publish."""


def _text(name_or_file: str) -> str:
    path = Path(name_or_file)
    if path.is_file():
        return path.read_text("utf-8")
    if name_or_file != PACKAGED:
        raise NotFound("table_not_found", "没有该文件或考核表。", "No such file or table; the packaged one is monthly.")
    return packaged_text()


@assessment.command("check")
@click.argument("file")
def assessment_check(file: str) -> None:
    """Read a table FILE (or ``monthly``, the packaged one) and list everything that does not add up."""
    table = parse_table(_text(file), file)
    proven = sum(1 for item in table.items.values() if item.check)
    click.echo(f"{table.name} {table.version}: {len(table.items)} items, {table.total} points, {proven} from the trail")


@assessment.command("show")
def assessment_show() -> None:
    """Print the packaged table, to write one of your own from."""
    click.echo(packaged_text(), nl=False)


@assessment.command("publish")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
def assessment_publish(file: Path, data: Path | None) -> None:
    """Check a table FILE and publish it; months that are opened from now on are scored by it."""
    from engine.assessment.publishing_tables import import_table  # noqa: PLC0415  # needs a database

    text = file.read_text("utf-8")
    table = parse_table(text, str(file))
    done = run(lambda: import_table(text, str(file), now()), data)
    click.echo(f"{table.name} {table.version}: {'published' if done else 'was published already'}")
