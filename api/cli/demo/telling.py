"""Tells what happened: each case's story as a timeline, for people or as data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from api.cli.demo.client import Desk
from workflows.actor import Role

_ZONE = ZoneInfo("Asia/Shanghai")
_TOLD_WITH_THE_FILES = {"scan:received", "scan:stored"}


def story_of(desks: list[Desk], number: str, made: Callable[..., Any]) -> dict[str, Any]:
    """Everything about a case that the interface tells, read by whoever sees it."""
    desk = desks[0]
    return {
        "story": made.__name__,
        "about": (made.__doc__ or "").strip(),
        "case": desk.get(f"/cases/{number}"),
        "events": _every(desk, f"/cases/{number}/events"),
        "clocks": desk.get(f"/cases/{number}/clocks"),
        "documents": desk.get(f"/cases/{number}/documents"),
        "scans": [
            {"line": line["line"], "material": line["name"], **scan}
            for line in desk.get(f"/cases/{number}/materials")
            for scan in line["scans"]
        ],
    }


def _every(desk: Desk, path: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = desk.get(path, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page.get("next")
        if not cursor:
            return found


def tell(story: dict[str, Any]) -> None:
    """Print one story as a timeline."""
    case = story["case"]
    click.secho(f"\n{case['number']}  {case['item_name']}  {case['applicant']['name']}", bold=True)
    click.echo(f"  {story['about']}")
    for event in story["events"]:
        if event["name"] in _TOLD_WITH_THE_FILES:
            continue
        when = datetime.fromisoformat(event["at"]).astimezone(_ZONE)
        moved = (
            f"{event['from_state'] or '—'} → {event['to_state']}"
            if event["from_state"] != event["to_state"]
            else event["to_state"]
        )
        papers = " ".join(f"{paper['code']} {paper['number']}" for paper in event["data"].get("documents", []))
        who = f"{event['actor_name']}({Role(event['role']).zh})"
        click.echo(f"  {when:%m-%d %H:%M:%S}  {event['name']:<24} {moved:<28} {who}  {papers}")
    for scan in story["scans"]:
        verdict = f"{scan['pages']} 页" if scan["state"] == "stored" else f"{scan['state']}: {scan['verdict_zh']}"
        click.echo(f"  扫描件 {scan['line']} {scan['file_name']:<26} {scan['digest'][:16]}…  {verdict}")
    for clock in case_clocks(story):
        click.echo(f"  期限 {clock}")
    click.echo(f"  → {case['state']} {case['state_title']}")


def case_clocks(story: dict[str, Any]) -> list[str]:
    """One line for each clock: what it is, how it stands, until when and why."""
    return [
        f"{clock['kind']:<10} {clock['status']:<9} {clock['due_on']}  {_last(clock['explanation'])}"
        for clock in story["clocks"]
    ]


def _last(explanation: list[dict[str, str]]) -> str:
    return explanation[-1]["zh"] if explanation else ""
