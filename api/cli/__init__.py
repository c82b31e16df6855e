"""The command line: ``yichuang up``, ``serve``, ``worker``, ``migrate``, ``demo`` and the keeper's tools."""

from __future__ import annotations

import sys

import click

from api.cli.access_log import access_log
from api.cli.archive import archive
from api.cli.assessment import assessment
from api.cli.audit import audit
from api.cli.demo import demo
from api.cli.evidence import evidence, views
from api.cli.exporting import export
from api.cli.facts import facts
from api.cli.keeping import calendar, flow, item, outbox, token, user
from api.cli.places import organisation
from api.cli.running import migrate, relay, serve, timer, up, worker
from api.cli.watching import watch
from workflows.errors import YichuangError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yichuang")
def cli() -> None:
    """Yichuang 一窗: the unified-window case engine."""


for command in (
    up,
    demo,
    serve,
    worker,
    relay,
    timer,
    migrate,
    flow,
    item,
    calendar,
    organisation,
    user,
    token,
    audit,
    outbox,
    evidence,
    views,
    watch,
    archive,
    assessment,
    access_log,
    facts,
    export,
):
    cli.add_command(command)


def main() -> None:
    """Run a command; an expected refusal is printed in both languages and exits with 1."""
    try:
        cli(standalone_mode=True)
    except YichuangError as refusal:
        click.echo(f"{refusal.zh}\n{refusal.en}", err=True)
        sys.exit(1)
