"""``yichuang demo``: real applications with real files through the HTTP interface, told case by case, then verified."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import click

from api.cli.addresses import DEFAULT_DATA, address_of
from api.cli.demo.client import Desk
from api.cli.demo.counting import count, figures_of
from api.cli.demo.law_stories import LAW_STORIES
from api.cli.demo.stories import STORIES, Hall
from api.cli.demo.telling import story_of, tell
from workflows.errors import Unavailable

_START_SECONDS: Final = 90.0
_AT_ONCE: Final = 4
"""How many stories happen side by side; they are told in their order."""
_DEPARTMENTS: Final = ("hrss", "health", "transport", "agriculture", "housing", "urban", "police", "realestate")
_LOGINS: Final = (
    "guide", "clerk", "officer", "reviewer", "approver", "issuer", "archivist", "authority_head", "hall_manager",
    "complaint_handler", "impasse_handler",
    *(f"{role}.{department}" for role in ("officer", "approver") for department in _DEPARTMENTS),
)  # fmt: skip
SUFFIXES: Final = frozenset(
    {".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png", ".bmp", ".webp", ".heic", ".heif", ".ofd"}
)


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA,
    help="The data folder of `yichuang up`.",
)
@click.option(
    "--scans",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="A folder of files to scan as well.",
)
@click.option("--seed", type=int, default=2026, help="Decides names, numbers and specimens.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a story.")
def demo(data: Path, scans: Path | None, seed: int, as_json: bool) -> None:
    """Drive real applications through a running instance, or through one of its own."""
    with _instance(data, quiet=as_json) as (url, home), tempfile.TemporaryDirectory(prefix="yc-specimens-") as folder:
        told, refusals, figures = _drive(url, home, Path(folder), scans, seed, as_json=as_json)
        report = _verify(home)
        if as_json:
            answer = {"cases": told, "refusals": refusals, "figures": figures, "audit": report}
            click.echo(json.dumps(answer, ensure_ascii=False))
        else:
            count(figures)
            _close(told, refusals, report)
    sys.exit(0 if report["whole"] else 1)


@contextmanager
def _instance(data: Path, *, quiet: bool) -> Iterator[tuple[str, Path]]:
    """The instance that runs on this data folder, else one in a temporary folder for the length of the demo."""
    running = address_of(data)
    if running:
        yield running, data
        return
    with tempfile.TemporaryDirectory(prefix="yc-demo-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "var"
        if not quiet:
            click.echo("no instance runs here; starting one for this demo …")
        process = subprocess.Popen(  # noqa: S603  # this interpreter and our own command; no shell
            [sys.executable, "-m", "api.cli", "up", "--data", str(home), "--ends-with", str(os.getpid())],
            stdout=subprocess.DEVNULL if quiet else None,
            stdin=subprocess.DEVNULL,
        )
        try:
            yield _wait_for(home, process), home
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait_for(home: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if address := address_of(home):
            return address
        time.sleep(0.1)
    raise Unavailable("not_started", "演示实例未能启动。", "The instance for the demo did not start.")


def _drive(
    url: str, home: Path, folder: Path, scans: Path | None, seed: int, *, as_json: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    from engine.specimens import make_specimens  # noqa: PLC0415  # pillow is only needed here

    passwords = json.loads((home / "logins.json").read_text("utf-8"))
    others = sorted(file for file in scans.iterdir() if file.suffix.lower() in SUFFIXES) if scans else []
    with ExitStack() as stack:
        desks = {login: stack.enter_context(Desk(url, login, passwords[login])) for login in _LOGINS}
        stories = (*STORIES, *LAW_STORIES)
        items = {row["code"]: row for row in _items(desks["clerk"])}
        good = make_specimens(folder, seed)
        others = others or _broken(folder)
        halls = [
            Hall(
                desks=desks,
                items=items,
                good=cycle([*good[place % len(good) :], *good[: place % len(good)]]),
                others=others,
                chance=random.Random(f"{seed} {make.__name__}"),  # noqa: S311  # the same demo again
            )
            for place, make in enumerate(stories)
        ]
        told = []
        with ThreadPoolExecutor(_AT_ONCE) as helpers:
            for story in helpers.map(_make, halls, stories):
                told.append(story)
                if not as_json:
                    tell(story)
        figures = figures_of(desks["hall_manager"])
    return told, [refusal for hall in halls for refusal in hall.refusals], figures


def _make(hall: Hall, make: Callable[[Hall], str]) -> dict[str, Any]:
    """Let one story happen; what is to be told of it."""
    return story_of([hall.desk("clerk")], make(hall), make)


def _items(desk: Desk) -> list[dict[str, Any]]:
    page = desk.get("/items", limit=200)
    found: list[dict[str, Any]] = page["items"]
    return found


def _broken(folder: Path) -> list[Path]:
    """Files that a hall gets every day and that cannot be kept, beside two that can."""
    kept = sorted(folder.iterdir())
    half = folder / "cut-short.jpg"
    whole = next(file for file in kept if file.suffix == ".jpg").read_bytes()
    half.write_bytes(whole[: len(whole) // 2])
    header = folder / "header-only.pdf"
    header.write_bytes(b"%PDF-1.7\n")
    empty = folder / "empty.pdf"
    empty.write_bytes(b"")
    liar = folder / "not-a-picture.png"
    liar.write_bytes(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n")
    return [*kept[:2], half, header, empty, liar]


def _verify(home: Path) -> dict[str, Any]:
    """The verification that an auditor would run, in a process of its own."""
    done = subprocess.run(  # noqa: S603  # this interpreter and our own command; no shell
        [sys.executable, "-m", "api.cli", "audit", "verify", "--json", "--data", str(home)],
        capture_output=True,
        check=False,
        env=os.environ,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _close(told: list[dict[str, Any]], refusals: list[dict[str, Any]], report: dict[str, Any]) -> None:
    if refusals:
        click.secho("\n被拒绝的操作（没有写入任何内容）", bold=True)
        for refusal in refusals:
            click.echo(f"  {refusal['code']:<22} {refusal.get('file', ''):<24} {refusal['detail']}")
    stored = sum(scan["state"] == "stored" for story in told for scan in story["scans"])
    refused = sum(scan["state"] == "refused" for story in told for scan in story["scans"])
    click.secho(f"\n{len(told)} 件办件，{stored} 份扫描件入库，{refused} 份被拒收", bold=True)
    verdict = "完整 whole" if report["whole"] else "不完整 NOT WHOLE"
    click.secho(
        f"审计链核验 audit verification: {report['cases']} cases, {report['events']} events,"
        f" {report['access_entries']} access entries: {verdict}",
        bold=True,
    )
    for breach in report["breaches"]:
        click.echo(f"  {breach['zh']}\n  {breach['en']}")
