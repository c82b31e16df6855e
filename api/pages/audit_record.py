"""The page of a case as one record: nothing left out, made to be printed; findings are recorded from here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.audit_desk import look_title
from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.timeline import document_title, told
from api.pages.visit import Visit
from api.pages.wording import Wording
from api.rest.requests import key_of
from engine.audit_desk import case_record, holding_findings
from engine.audit_desk.case_record import FIELDS
from engine.audit_desk.desk import AUDITORS
from engine.audit_desk.holding_findings import Recording
from engine.reading import seen_case
from workflows.clock import ClockKind
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.finding import Addressee, Severity
from workflows.payload import payload_invalid

Row = dict[str, Any]


@get("/audit/cases/{number:str}")
async def record_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Everything there is about a case. The look is logged."""
    return await _show(visit, number)


async def _show(
    visit: Visit, number: str, *, typed: Typed | None = None, refusal: YichuangError | None = None, shown: str = ""
) -> Response[Any]:
    found = await case_record.read_record(visit.context, visit.actor, number, visit.now)
    case, flow = await seen_case(visit.context, visit.actor, number)
    w = dataclasses.replace(visit.wording, zone=visit.context.hours(case["hall_hours"]).zone)
    item = await visit.context.item(case["item_id"])
    lines = {line.code: w.of(line, "name") for line in item.materials}
    states = {name: w.of(state) for name, state in flow.states.items()}
    return page(
        visit.request,
        "audit_record.html",
        wording=w,
        status=refusal.status if refusal else 200,
        **{name: found[name] for name in ("case", "clocks", "scans", "notices", "cards", "duties", "findings")},
        events=[await _event(visit, event, lines, _Words(w, states, found["names"])) for event in found["events"]],
        documents=[row | {"title": document_title(row["code"], w)} for row in found["documents"]],
        messages=found["messages"],
        looks=[row | {"action_title": look_title(row["action"], visit)} for row in found["looks"]],
        verdict=found["verdict"],
        line_names=lines,
        may_find=not visit.actor.roles.isdisjoint(AUDITORS),
        fields=FIELDS,
        severities=[one.value for one in Severity],
        addressees=[one.value for one in Addressee],
        typed=typed or Typed(),
        refusal=refusal,
        shown=shown,
        sample=typed.get("sample") if typed else visit.asked("sample"),
        key=typed.get("key") if typed and refusal and refusal.code != "key_reused" else uuid4().hex,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Words:
    """Turns what an event changed into words. :param states: titles of states. :param names: by key as text."""

    w: Wording
    states: Mapping[str, str]
    names: Mapping[str, str]

    def change(self, one: Mapping[str, Any]) -> tuple[str, str, str]:
        """A change as (what, before, after)."""
        column = one["column"]
        before, after = (self.value(column, one[side]) for side in ("before", "after"))
        return self._title(column), before, after

    def _title(self, column: str) -> str:
        kind, _, rest = column.removeprefix("clock.").partition(".")
        if rest and kind in set(ClockKind):
            return f"{self.w.clock(kind)} {self.w.word('case_column', rest)}"
        return self.w.word("case_column", column)

    def value(self, column: str, value: Any) -> str:
        """A value: keys by whom they are, moments in hall time, words of closed lists; anything else as it is."""
        if value is None or value in ("", []):
            return "–"
        if column == "state":
            return self.states.get(value, str(value))
        if isinstance(value, list):
            return self.w.t("comma").join(self.w.word("flag", one) for one in value)
        if column.endswith("_at"):
            return self.w.when(value)
        group = {"holder": "holder", "priority": "choice"}.get(column, "clock" if column.endswith(".status") else "")
        return self.w.word(group, value) if group else self.names.get(str(value), str(value))

    def key(self, value: Any) -> str:
        """Whose a key is; empty where there is none."""
        return self.names.get(str(value), str(value)) if value else ""


async def _event(visit: Visit, event: Mapping[str, Any], lines: Mapping[str, str], words: _Words) -> Row:
    """An event in plain words, with what it changed and everything that its digest covers."""
    flow, w = await visit.context.flow(event["flow"], event["flow_version"]), words.w
    return {
        **told(event, flow, lines, w),
        "name": event["name"],
        "changes": [words.change(one) for one in event["changes"] if not one["column"].startswith("clock.")],
        "clocks": [(w.clock(kind) if kind in set(ClockKind) else kind, one) for kind, one in event["clocks"].items()],
        "moved": [words.change(one) for one in event["changes"] if one["column"].startswith("clock.")],
        "reason": event["reason"],
        "versions": (event["item_version"], event["flow"], event["flow_version"]),
        **{name: words.key(event[name]) for name in ("organisation", "window", "acting_for")},
        "content": json.dumps(msgspec.to_builtins(event["data"]), ensure_ascii=False, indent=1),
        **{name: event[name] for name in ("digest", "previous", "algorithm")},
    }


@post("/audit/cases/{number:str}/unmask")
async def unmask_from_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Show one value of the applicant in clear, once, for a stated reason."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    told = typed.get("field"), typed.get("why")
    try:
        shown = await case_record.show_in_clear(visit.context, visit.actor, number, *told, visit.now)
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await _show(visit, number, typed=typed, refusal=refusal)
    name = visit.wording.word("record_field", told[0])
    return await _show(visit, number, shown=f"{name}{visit.wording.t('colon')}{shown}")


@post("/audit/cases/{number:str}/findings")
async def record_from_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Record a finding and show it; where it is refused, the record with what was typed."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    names = ("article", "severity", "text", "evidence", "addressee", "seq", "due_on", "sample")
    raw = {name: typed.get(name).strip() for name in names if typed.get(name).strip()}
    try:
        try:
            request = msgspec.convert({**raw, "case": number}, Recording, strict=False)
        except msgspec.ValidationError as problem:
            raise payload_invalid(problem) from None
        who = visit.context, visit.actor
        answer = await holding_findings.record_finding(*who, request, visit.now, key_of(typed.get("key") or None))
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await _show(visit, number, typed=typed, refusal=refusal)
    return go_to(f"/audit/findings/{quote(answer['finding'])}")
