"""Commands of the keeper: flows, items, calendar, people, tokens, work that failed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
import uvloop

from api.cli.addresses import settings_here
from workflows.actor import Role
from workflows.calendar import parse_edition
from workflows.drawing import as_svg, as_text
from workflows.errors import Malformed, NotFound
from workflows.flow import Flow, packaged_flows, parse_flow
from workflows.item import load_item
from workflows.lints import check

T = TypeVar("T")
FIRST = UUID(int=0)


def run(operation: Callable[[], Coroutine[Any, Any, T]], data: Path | None) -> T:
    """Run an operation against the configured database."""
    from storage.db import connected  # noqa: PLC0415  # commands that only read files need no database

    settings = settings_here(data)

    async def inside() -> T:
        async with connected(settings.database_url.get_secret_value()):
            return await operation()

    return uvloop.run(inside())


def now() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The folder of a running `yichuang up`; default: the settings in the environment, else ./var.",
)


@click.group()
def flow() -> None:
    """Procedures: check, draw, publish."""


def _read_flow(name_or_file: str) -> Flow:
    path = Path(name_or_file)
    if path.is_file():
        return parse_flow(path.read_text("utf-8"), str(path))
    known = packaged_flows()
    if name_or_file not in known:
        listed = ", ".join(sorted(known))
        raise NotFound(
            "flow_not_found", f"没有该文件或流程；已有流程：{listed}。", f"No such file or flow; known flows: {listed}."
        )
    return known[name_or_file]


@flow.command("check")
@click.argument("file")
def flow_check(file: str) -> None:
    """Read a flow FILE (or the name of a packaged flow) and list every breach with its article."""
    read = _read_flow(file)
    findings = check(read)
    for found in findings:
        click.echo(f"{found.where}: {found.code}: {found.message} [{found.basis}]")
    if findings:
        sys.exit(1)
    click.echo(f"{read.name} {read.version}: {len(read.states)} states, {len(read.steps)} steps, lawful")


@flow.command("draw")
@click.argument("file")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="An .svg file; default: text.")
@click.option("--all", "aside", is_flag=True, help="Also the acts beside the way: priority, cards, withdrawal …")
def flow_draw(file: str, output: Path | None, *, aside: bool) -> None:
    """Draw a flow FILE (or the name of a packaged flow)."""
    read = _read_flow(file)
    if output is None:
        click.echo(as_text(read, aside=aside))
    else:
        output.write_text(as_svg(read, aside=aside), "utf-8")
        click.echo(str(output))


@flow.command("publish")
@click.argument("file")
@data_option
def flow_publish(file: str, data: Path | None) -> None:
    """Check a flow FILE and publish it as a new version."""
    from engine.publishing import import_flow  # noqa: PLC0415  # needs a database

    read = _read_flow(file)
    done = run(lambda: import_flow(read, now()), data)
    click.echo(f"{read.name} {read.version}: {'published' if done else 'was published already'}")


@click.group()
def item() -> None:
    """Service items: import, export."""


@item.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
def item_import(files: tuple[Path, ...], data: Path | None) -> None:
    """Publish item versions from TOML or JSON FILES."""
    from engine.publishing import import_item  # noqa: PLC0415  # needs a database

    for path in files:
        version = load_item(path.read_text("utf-8"), str(path))
        done = run(lambda version=version: import_item(version, now()), data)  # type: ignore[misc]  # bound in the loop
        click.echo(f"{version.code} {version.version}: {'published' if done else 'was published already'}")


@item.command("export")
@click.argument("code")
@data_option
def item_export(code: str, data: Path | None) -> None:
    """Print the newest version of the item with this CODE as JSON."""
    from storage import catalogues  # noqa: PLC0415  # needs a database

    row = run(lambda: catalogues.item_on(code, now().date()), data)
    if row is None:
        raise NotFound("item_not_found", "没有该事项。", "There is no such item.")
    click.echo(json.dumps(row["data"], ensure_ascii=False, indent=2, sort_keys=True))


@click.group()
def calendar() -> None:
    """The working-day calendar."""


@calendar.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
def calendar_import(files: tuple[Path, ...], data: Path | None) -> None:
    """Import years from TOML FILES."""
    from engine.publishing import import_calendar  # noqa: PLC0415  # needs a database

    for path in files:
        edition = parse_edition(path.read_text("utf-8"), str(path))
        done = run(lambda edition=edition: import_calendar(edition, now()), data)  # type: ignore[misc]  # idem
        told = f"imported; {done.cases} cases will be looked at" if done else "was there already"
        click.echo(f"{edition.year} version {edition.version}: {told}")


def _grant(text: str) -> tuple[Role, str]:
    """``ROLE@ORGANISATION`` as a role and the code of the place.

    :raises Malformed: ``grant_unreadable`` when a part is missing or the role is unknown.
    """
    role, _, place = text.partition("@")
    if role not in set(Role) or not place:
        known = ", ".join(Role)
        raise Malformed(
            "grant_unreadable",
            f"岗位应写作“岗位@机构编码”，不能识别：{text}。可用的岗位：{known}。",
            f"A role is given as ROLE@ORGANISATION; this cannot be read: {text}. The roles are: {known}.",
        )
    return Role(role), place


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, required=True, help="ROLE@ORGANISATION, may be repeated.")
@click.password_option(help="At least 10 characters, three classes; asked for when not given.")
@data_option
def user_add(login: str, name: str, roles: tuple[str, ...], password: str, data: Path | None) -> None:
    """Add somebody with roles."""
    from engine.identity import add_person  # noqa: PLC0415  # needs a database

    grants = [_grant(text) for text in roles]
    run(lambda: add_person(login, name, password, grants, now()), data)
    click.echo(f"{login}: added")


@user.command("password")
@click.argument("login")
@click.password_option(help="At least 10 characters, three classes; asked for when not given.")
@data_option
def user_password(login: str, password: str, data: Path | None) -> None:
    """Give somebody another password; the only way for an administrator's."""
    from engine.administration.managing_people import set_password  # noqa: PLC0415  # needs a database

    run(lambda: set_password(login, password, now()), data)
    click.echo(f"{login}: password changed, signed out everywhere")


@click.group()
def token() -> None:
    """Bearer tokens for machines."""


@token.command("issue")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--organisation", required=True)
@click.option("--name", required=True, help="What the token is for.")
@click.option("--days", type=click.IntRange(1, 3650), default=None)
@data_option
def token_issue(login: str, role: str, organisation: str, name: str, days: int | None, data: Path | None) -> None:
    """Issue a token that acts for LOGIN in one of their roles. It is shown this once."""
    from engine.identity import issue_token  # noqa: PLC0415  # needs a database

    issued = run(lambda: issue_token(login, Role(role), organisation, name, now(), days=days), data)
    click.echo(issued.token)


@click.group()
def outbox() -> None:
    """Work that failed for good."""


@outbox.command("dead")
@data_option
def outbox_dead(data: Path | None) -> None:
    """List it with its reason."""
    from storage import outbox as rows  # noqa: PLC0415  # needs a database

    for row in run(lambda: rows.dead(FIRST, 200), data):
        click.echo(f"{row['id']}\t{row['topic']}\t{row['case'] or '-'}\t{row['attempts']}\t{row['error']}")


@outbox.command("retry")
@click.argument("key", type=click.UUID)
@data_option
def outbox_retry(key: UUID, data: Path | None) -> None:
    """Try a dead row again."""
    from storage import outbox as rows  # noqa: PLC0415  # needs a database

    if not run(lambda: rows.retry(key, now()), data):
        raise NotFound("dead_letter_not_found", "没有该失败任务。", "There is no such dead row.")
    click.echo(f"{key}: waiting")
