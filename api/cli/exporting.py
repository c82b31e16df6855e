"""The command that takes cases out into a file: event logs for process mining tools, tables of facts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from api.cli.addresses import settings_here
from api.cli.keeping import data_option, now, run
from workflows.errors import NotFound
from workflows.export import Format, Wish
from workflows.payload import payload_invalid

_DAY = click.DateTime(["%Y-%m-%d"])


def _several(name: str, into: str, what: str) -> Callable[[Any], Any]:
    return click.option(name, into, multiple=True, help=f"{what}; may be given several times.")


@click.command("export")
@click.argument("format_", metavar="FORMAT", type=click.Choice([one.value for one in Format]))
@click.option("--as", "login", required=True, help="Who takes it out: their reach counts, and the log names them.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A new file.")
@click.option("--by", type=click.Choice(["opened", "closed", "event"]), default="opened", show_default=True,
              help="Which moment lies in the period.")  # fmt: skip
@click.option("--from", "since", type=_DAY, help="First day of the hall.")
@click.option("--to", "until", type=_DAY, help="Last day of the hall, included.")
@_several("--item", "items", "Code of an item")
@_several("--hall", "halls", "Code of a hall")
@_several("--department", "departments", "Code of a department")
@_several("--state", "states", "State in which the case is")
@_several("--number", "numbers", "Number of a case")
@click.option("--clear", is_flag=True, help="People in clear; for auditors, with a reason.")
@click.option("--reason", default="", help="What it is for; logged.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="Facts as they were at this moment.")
@click.option("--bom", is_flag=True, help="Begin a CSV file as Excel wants it.")
@data_option
def export(
    format_: str,
    login: str,
    output: Path,
    by: str,
    since: datetime | None,
    until: datetime | None,
    reason: str,
    as_of: datetime | None,
    data: Path | None,
    *,
    clear: bool,
    bom: bool,
    **lists: tuple[str, ...],
) -> None:
    """Take cases out: xes, ocel-json, ocel-sqlite, cases-csv, cases-parquet, notices-csv, notices-parquet.

    People are masked unless --clear is given. Nothing is written over.
    """
    if output.exists():
        raise click.BadParameter(f"{output} is there already", param_hint="--output")
    selection = {"by": by, "from": since and since.date(), "to": until and until.date(),
                 **{name: list(values) for name, values in lists.items()}}  # fmt: skip
    raw = {"format": format_, "selection": selection, "clear": clear, "bom": bom, "reason": reason, "as_of": as_of}
    try:
        wish = msgspec.convert(raw, Wish)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None
    made = run(lambda: _export(login, wish, output, data), data)
    click.echo(f"{output}: {made.cases} cases, {made.rows} rows, as of {made.as_of:%Y-%m-%dT%H:%M:%SZ}")


async def _export(login: str, wish: Wish, output: Path, data: Path | None) -> Any:
    from engine.context import open_context  # noqa: PLC0415  # needs a database
    from engine.exports.export_building import export_here  # noqa: PLC0415  # idem
    from engine.identity import actor_of  # noqa: PLC0415  # idem
    from storage import people  # noqa: PLC0415  # idem

    moment = now()
    row = await people.by_login(login, moment)
    if row is None or not row["active"]:
        raise NotFound("person_not_found", f"没有在岗人员“{login}”。", f"There is no active person {login}.")
    context = open_context(settings_here(data))
    return await export_here(context, actor_of(row, "person"), wish, output, now, _tell)


async def _tell(done: int, cases: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} / {cases}", nl=done >= cases, err=True)
