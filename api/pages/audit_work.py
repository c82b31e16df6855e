"""Pages of the auditor's work: samples, and findings with their answers."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.audit_desk import DATED, PAGE_SIZE, asked_of, following
from api.pages.forms import Typed
from api.pages.rendering import go_to, page
from api.pages.timeline import role_title
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from engine.audit_desk import holding_findings, sample_drawing
from engine.audit_desk.desk import NEWEST, READERS
from engine.audit_desk.holding_findings import Stepping
from engine.audit_desk.sample_drawing import Drawing
from engine.choices import places_seen
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.finding import MOVES, FindingState, FindingStep, Severity
from workflows.payload import payload_invalid
from workflows.risk import RISKS
from workflows.sampling import Allocation, Method, Stratum

_DRAWING: Final = (
    "purpose", "seed", "size", "method", "strata", "allocation", "since", "until", "dated", "item", "department",
    "hall",
)  # fmt: skip
Row = dict[str, Any]


@get("/audit/samples")
async def samples_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Every sample that was drawn, and the form of another."""
    return await _samples(visit, Typed())


async def _samples(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    cursor = visit.asked("cursor")
    before = read_cursor(cursor, KeyPlace).id if cursor else NEWEST
    rows = await sample_drawing.list_samples(visit.actor, before=before, limit=PAGE_SIZE)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == PAGE_SIZE else None
    return page(
        visit.request,
        "audit_samples.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        typed=typed,
        refusal=refusal,
        methods=[one.value for one in Method],
        strata=[one.value for one in Stratum],
        allocations=[one.value for one in Allocation],
        dated=DATED,
        places=await places_seen(visit.actor),
        key=typed.get("key") if refusal and refusal.code != "key_reused" else uuid4().hex,
        next_page=following(visit, {}, more),
        further=bool(cursor),
    )


@post("/audit/samples")
async def draw_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Draw a sample and show it; where it is refused, the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    raw = {name: typed.get(name) for name in _DRAWING if typed.get(name)}
    try:
        try:
            request = msgspec.convert(raw, Drawing, strict=False)
        except msgspec.ValidationError as problem:
            raise payload_invalid(problem) from None
        who = visit.context, visit.actor
        answer = await sample_drawing.draw_sample(*who, request, visit.now, key_of(typed.get("key") or None))
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _samples(visit, typed, refusal)
    return go_to(f"/audit/samples/{answer['sample']}")


@get("/audit/samples/{sample:uuid}")
async def sample_page(visit: NamedDependency[Visit], sample: FromPath[UUID]) -> Response[Any]:
    """One sample with its cases, and whether it comes out equal when it is drawn again."""
    found = await sample_drawing.read_sample(visit.actor, sample)
    risks = {name: visit.wording.of(risk) for name, risk in RISKS.items()}
    return page(visit.request, "audit_sample.html", sample=found, risks=risks)


@get("/audit/findings")
async def findings_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The findings of the reader's halls, or those that the reader's unit answers."""
    asked, cursor = asked_of(visit, ("state", "severity", "case")), visit.asked("cursor")
    state, severity = asked.get("state", ""), asked.get("severity", "")
    rows = await holding_findings.list_findings(
        visit.actor,
        state=FindingState(state) if state in set(FindingState) else None,
        severity=Severity(severity) if severity in set(Severity) else None,
        case=asked.get("case"),
        before=read_cursor(cursor, KeyPlace).id if cursor else NEWEST,
        limit=PAGE_SIZE,
    )
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == PAGE_SIZE else None
    return page(
        visit.request,
        "audit_findings.html",
        rows=rows,
        asked=asked,
        states=[one.value for one in FindingState],
        severities=[one.value for one in Severity],
        may_export=not visit.actor.roles.isdisjoint(READERS),
        next_page=following(visit, asked, more),
        further=bool(cursor),
    )


@get("/audit/findings/{finding:str}")
async def finding_page(visit: NamedDependency[Visit], finding: FromPath[str]) -> Response[Any]:
    """One finding: what was said by whom, and what the reader may do with it now."""
    return await _finding(visit, finding, Typed())


async def _finding(visit: Visit, number: str, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    found = await holding_findings.read_finding(visit.actor, number)
    w = visit.wording
    titles = {step.value: w.of(move) for step, move in MOVES.items()}
    titles[FindingStep.record.value] = w.t("audit.finding.record")
    return page(
        visit.request,
        "audit_finding.html",
        status=refusal.status if refusal else 200,
        finding=found,
        history=[row | {"title": titles[row["step"]], "role_title": role_title(row, w)} for row in found["history"]],
        titles=titles,
        audits=not visit.actor.roles.isdisjoint(READERS),
        typed=typed,
        refusal=refusal,
        key=uuid4().hex,
    )


@post("/audit/findings/{finding:str}/steps/{step:str}")
async def step_from_page(visit: NamedDependency[Visit], finding: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Take one step with a finding and show it; where it is refused, with what was typed."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        try:
            request = msgspec.convert({"text": typed.get("text").strip()}, Stepping)
        except msgspec.ValidationError as problem:
            raise payload_invalid(problem) from None
        key = key_of(typed.get("key") or None)
        await holding_findings.take_step(visit.context, visit.actor, finding, step, request, visit.now, key)
    except (NotFound, NotAuthenticated):
        raise
    except YichuangError as refusal:
        return await _finding(visit, finding, typed, refusal)
    return go_to(f"/audit/findings/{quote(finding)}")
