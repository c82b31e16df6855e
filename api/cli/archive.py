"""Commands for the archive: check a package on any machine."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from storage import package_check


@click.group()
def archive() -> None:
    """Packages of cases for the archive (归档信息包)."""


@archive.command("verify")
@click.argument("package", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def archive_verify(package: Path) -> None:
    """Check every file, the trail and its head against the manifest; needs no server.

    Exits with 1 where something is not whole and names it, with 2 where the file is no package.
    """
    sys.exit(package_check.main([str(package)], click.echo))
