"""What a message tells, gathered from the event that it comes of: never from what the case has become since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.context import Context
from workflows.events import Act
from workflows.flow import Flow
from workflows.messages.composing import Told, compose
from workflows.messages.templates import Language

_OUTSIDE = frozenset({"applicant", "third_party"})
"""Recipients who do not work here."""


async def told_of(context: Context, row: Mapping[str, Any]) -> Told:
    """What a message says, in both languages.

    :param row: as :func:`storage.notifications.read` and the lists of :mod:`storage.inbox` give it.
    """
    flow = await context.flow(row["flow"], row["flow_version"])
    state = flow.states[row["to_state"] or row["case_state"]]
    outside = row["recipient"] in _OUTSIDE
    return Told(
        audience="applicant" if outside else "staff",
        event=row["event"],
        number=row["number"],
        item=(row["item_name"], row["item_name_en"]),
        state=(state.title, state.title_en),
        title=_title(flow, row),
        hall=(row["hall_name"], row["hall_name_en"]),
        department=(row["department_name"], row["department_name_en"]),
        clocks=row["clocks"] or {},
        said={**((row["event_data"] or {}).get("payload") or {}), **row["data"]},
        link=_link(context, row["query_code"], row["event"]) if outside and row["way"] == "sms" else "",
    )


def _title(flow: Flow, row: Mapping[str, Any]) -> tuple[str, str]:
    """What the watch or the flow calls the event; its name where neither does."""
    if "title" in row["data"]:
        return row["data"]["title"], row["data"]["title_en"]
    steps = (step.definition for step in flow.steps if step.definition.action == row["event"])
    return next(((step.title, step.title_en) for step in steps), (row["event"], row["event"]))


def _link(context: Context, code: str, event: str) -> str:
    """Where the applicant may look, or rate; the code to ask with where the hall has no public address."""
    base, rates = context.settings.public_url.rstrip("/"), "/rating" if event == Act.INVITE_RATING else ""
    if base:
        return f"{base}/status/{code}{rates}"
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def language_of(row: Mapping[str, Any]) -> Language:
    """The language that the applicant asked for when the case was opened; Chinese unless they asked."""
    return "en" if row["applicant"].get("language") == "en" else "zh"


async def in_words(context: Context, row: Mapping[str, Any]) -> dict[str, str]:
    """The text of a message in Chinese and English, as ``text`` and ``text_en``."""
    told = await told_of(context, row)
    return {"text": compose(told, "zh"), "text_en": compose(told, "en")}
