"""Commands for the trail: verify it, seal it, take a part of it elsewhere, and keep the keys that sign."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from api.cli.addresses import settings_here
from api.cli.keeping import data_option, now, run
from storage import bundle_check
from workflows.errors import Conflict

if TYPE_CHECKING:
    from engine.checkpoints.verifying import Objects
    from engine.context import Context

T = TypeVar("T")


def _run(operation: Callable[[Context], Coroutine[Any, Any, T]], data: Path | None) -> T:
    """Run an operation that needs the object store and keys too."""
    from engine.context import open_context  # noqa: PLC0415  # needs servers

    context = open_context(settings_here(data))
    return run(lambda: operation(context), data)


@click.group()
def audit() -> None:
    """The trail."""


@audit.command("verify")
@click.option("--case", "number", default=None, help="Only this case.")
@click.option("--objects", type=click.Choice(["none", "sample", "all"]), default="none", show_default=True,
              help="How much of the stored evidence is read.")  # fmt: skip
@click.option("--seed", default="", help="Chooses the sample; the same seed chooses the same.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Walk trails by so many.")
@click.option("--json", "as_json", is_flag=True)
@data_option
def audit_verify(
    number: str | None, objects: Objects, seed: str, processes: int, data: Path | None, *, as_json: bool
) -> None:
    """Check rows, chains, checkpoints and stored objects, and name what does not fit; exits with 1 where something."""
    from engine.auditing import report_view  # noqa: PLC0415  # needs servers
    from engine.checkpoints.verifying import verify_all  # noqa: PLC0415  # idem

    report = _run(lambda context: verify_all(context, number, objects=objects, seed=seed, processes=processes), data)
    if as_json:
        click.echo(json.dumps(report_view(report), ensure_ascii=False))
    else:
        for breach in report.breaches:
            click.echo(f"{breach.zh}\n{breach.en}")
        click.echo(f"{report.cases} cases, {report.events} events, {report.access_entries} access entries, "
                   f"{report.checkpoints} checkpoints of {report.sealed_heads} heads, {report.objects} objects: "
                   f"{'whole' if report.whole else 'NOT WHOLE'}")  # fmt: skip
    sys.exit(0 if report.whole else 1)


@audit.command("checkpoint")
@click.option("--now", "at_once", is_flag=True, help="Also what there is of today.")
@data_option
def audit_checkpoint(data: Path | None, *, at_once: bool) -> None:
    """Seal every day that is over and is not sealed yet; the worker does so by itself after midnight."""
    from engine.checkpoints.checkpointing import make_checkpoints  # noqa: PLC0415  # needs servers

    made = _run(lambda context: make_checkpoints(context, now(), at_once=at_once), data)
    click.echo(f"checkpoints made: {', '.join(map(str, made)) or 'none was due'}")


@audit.command("export")
@click.option("--case", "number", default=None, help="The trail of this case.")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="Cases with an event from this day on …")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="… to this day, hall days, both included.")
@click.option("--files", is_flag=True, help="Also the originals and documents themselves.")
@click.option("--reason", required=True, help="What it is taken for; stands in the access log.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@data_option
def audit_export(
    number: str | None,
    start: datetime | None,
    end: datetime | None,
    reason: str,
    output: Path,
    data: Path | None,
    *,
    files: bool,
) -> None:
    """Write a bundle that proves itself on any machine: python -I verify.py BUNDLE."""
    from engine.checkpoints.audit_bundle import NO_DAY, Selection, export_bundle  # noqa: PLC0415  # needs servers

    if output.exists():
        raise Conflict("file_exists", f"文件已存在：{output}。", f"{output} is there already; choose another name.")
    first, last = (moment.date() if moment else NO_DAY for moment in (start, end))
    selection = Selection(number, first, last, files=files)
    told = _run(lambda context: export_bundle(context, None, selection, reason, output, now()), data)
    click.echo(f"{output}: {told.cases} cases, {told.events} events, {told.checkpoints} checkpoints")


@audit.command("check")
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "keys", multiple=True, help="Public key that is trusted, hexadecimal; may be repeated.")
def audit_check(bundle: Path, keys: tuple[str, ...]) -> None:
    """Check a BUNDLE as its verify.py does; needs no server.

    Exits with 1 where something is not whole and names it, with 2 where the file is no bundle, with 4 where no
    checkpoint seals any of it, so that nothing proves its age.
    """
    pinned = [word for key in keys for word in ("--key", key)]
    sys.exit(bundle_check.main([str(bundle), *pinned], click.echo))


@audit.group("key")
def audit_key() -> None:
    """The keys that sign checkpoints."""


@audit_key.command("show")
@data_option
def audit_key_show(data: Path | None) -> None:
    """Print id and public key of every trusted key; the one that signs is marked. Note them in another place."""
    from engine.checkpoints.checkpointing import keys_of  # noqa: PLC0415  # needs settings
    from engine.context import open_context  # noqa: PLC0415  # idem

    keys = keys_of(open_context(settings_here(data)))
    for key, public in keys.public.items():
        click.echo(f"{key}\t{public.hex()}{'  signs' if keys.signer and keys.signer.key == key else ''}")


@audit_key.command("new")
@data_option
def audit_key_new(data: Path | None) -> None:
    """Make a key that signs from now on; public keys of before go on verifying, the private one of before is gone."""
    from engine.checkpoints.checkpointing import key_file, keys_of  # noqa: PLC0415  # needs settings
    from engine.context import open_context  # noqa: PLC0415  # idem
    from storage.checkpoint_keys import new_checkpoint_keys  # noqa: PLC0415  # idem

    context = open_context(settings_here(data))
    known = keys_of(context).public if key_file(context).exists() else {}
    signer = new_checkpoint_keys(key_file(context), known)
    click.echo(f"{signer.key}\t{signer.public.hex()}  signs")
