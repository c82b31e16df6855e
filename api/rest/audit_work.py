"""The auditor's work: samples drawn, findings recorded, answered and closed."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Stream

from api.rest import audit_answers as answers
from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine.audit_desk import holding_findings, sample_drawing
from engine.audit_desk.desk import NEWEST
from engine.audit_desk.holding_findings import Recording, Stepping
from engine.audit_desk.sample_drawing import Drawing
from workflows.finding import FindingState, Severity

_TAG = ["audit"]
_ATTACHED: Final = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
COLUMNS: Final = (
    "number", "case", "seq", "item_name", "hall", "department", "article", "severity", "addressee", "text", "evidence",
    "due_on", "recorded_by", "recorded_at", "state",
)  # fmt: skip
"""The columns of the list of findings as a file."""
_MARCH: Final = Example(
    summary="The month's weighted sample",
    value={"purpose": "三月份例行抽查", "seed": "2026-03 第1次", "size": 20, "method": "weighted",
           "strata": "department", "since": "2026-03-01", "until": "2026-03-31"},
)  # fmt: skip
_TWICE: Final = Example(
    summary="New lines after the notice",
    value={"case": "460100260302000019", "seq": 7, "article": "行政许可法32(1)(4)", "severity": "major",
           "text": "一次性告知后又要求补正。", "evidence": "第7条事件与首次告知对照", "due_on": "2026-04-10"},
)  # fmt: skip
_ANSWER: Final = Example(summary="An answer", value={"text": "已补充说明并对经办人员进行了培训。"})


@post("/audit/samples", operation_id="drawSample", summary="Draw a sample", tags=_TAG, dto=Strict[Drawing],
      return_dto=None, responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def draw_sample(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Drawing, Body(examples=[_MARCH])],
    key: IdempotencyKey = None,
) -> answers.SampleDrawn:
    """Draw from the cases of a period with a stated seed. Population and sample are kept for good."""
    return shape(answers.SampleDrawn, await sample_drawing.draw_sample(context, actor, data, now, key_of(key)))


@get("/audit/samples", operation_id="listSamples", summary="Samples", tags=_TAG, responses=problems(401, 403))
async def list_samples(actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> answers.SamplePage:
    """List the samples that were drawn, the newest first, without their cases."""
    before = read_cursor(cursor, KeyPlace).id if cursor is not None else NEWEST
    rows = await sample_drawing.list_samples(actor, before=before, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return answers.SamplePage(shapes(answers.SampleRow, rows), more)


@get("/audit/samples/{sample:uuid}", operation_id="readSample", summary="A sample", tags=_TAG,
     responses=problems(401, 403, 404, 409))  # fmt: skip
async def read_sample(actor: Caller, sample: FromPath[UUID]) -> answers.SampleView:
    """Read a sample with its cases, and whether it comes out equal when it is drawn again."""
    return shape(answers.SampleView, await sample_drawing.read_sample(actor, sample))


@get("/audit/samples/{sample:uuid}/population", operation_id="readPopulation", summary="What it was drawn from",
     tags=_TAG, media_type="text/tab-separated-values", responses=problems(401, 403, 404, 409))  # fmt: skip
async def read_population(actor: Caller, sample: FromPath[UUID]) -> bytes:
    """Read the frozen population: number, lots and stratum of each case, as its digest was taken."""
    return await sample_drawing.read_population(actor, sample)


@post("/audit/findings", operation_id="recordFinding", summary="Record a finding", tags=_TAG, dto=Strict[Recording],
      return_dto=None, responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def record_finding(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Recording, Body(examples=[_TWICE])],
    key: IdempotencyKey = None,
) -> answers.FindingTaken:
    """Record what is held against a case, under which article; whom it concerns answers. For auditors."""
    return shape(answers.FindingTaken, await holding_findings.record_finding(context, actor, data, now, key_of(key)))


@get("/audit/findings", operation_id="listFindings", summary="Findings", tags=_TAG, responses=problems(401, 403))
async def list_findings(
    *,
    actor: Caller,
    finding_state: Annotated[FindingState | None, QueryParameter(name="state", description="Where it stands.")] = None,
    severity: Annotated[Severity | None, QueryParameter(description="How grave.")] = None,
    case: Annotated[str | None, QueryParameter(max_length=60, description="Case number.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> answers.FindingPage:
    """List the findings of the caller's halls, or those that the caller's unit answers; the newest first."""
    before = read_cursor(cursor, KeyPlace).id if cursor is not None else NEWEST
    rows = await holding_findings.list_findings(
        actor, state=finding_state, severity=severity, case=case, before=before, limit=limit
    )
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return answers.FindingPage(shapes(answers.FindingRow, rows), more)


@get("/audit/findings.csv", operation_id="exportFindings", summary="Findings as a file", tags=_TAG,
     media_type="text/csv", responses=problems(401, 403))  # fmt: skip
async def export_findings(actor: Caller, now: Now) -> Stream:
    """Hand out every finding within reach as CSV (UTF-8 with a byte order mark). The export is logged."""
    rows = await holding_findings.export_findings(actor, now)
    headers = _ATTACHED | {"Content-Disposition": 'attachment; filename="findings.csv"'}
    return Stream(_as_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


async def _as_csv(rows: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    yield "\ufeff".encode() + _line(COLUMNS)
    async for row in rows:
        yield _line([row[name] for name in COLUMNS])


def _line(values: Any) -> bytes:
    """One line; what a spreadsheet would take for a formula is kept from that by an apostrophe."""
    told = ("" if value is None else str(value) for value in values)
    safe = [f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text for text in told]
    line = io.StringIO()
    csv.writer(line).writerow(safe)
    return line.getvalue().encode()


@get("/audit/findings/{finding:str}", operation_id="readFinding", summary="A finding", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def read_finding(actor: Caller, finding: FromPath[str]) -> answers.FindingView:
    """Read a finding with every step that was taken, and what the caller may do with it now."""
    return shape(answers.FindingView, await holding_findings.read_finding(actor, finding))


@post("/audit/findings/{finding:str}/steps/{step:str}", operation_id="takeFindingStep", summary="Answer, close …",
      tags=_TAG, status_code=200, dto=Strict[Stepping], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def take_step(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    finding: FromPath[str],
    step: FromPath[str],
    data: Annotated[Stepping, Body(examples=[_ANSWER])],
    key: IdempotencyKey = None,
) -> answers.FindingTaken:
    """Take one of the steps `answer`, `send_back`, `close`, `accept`. Nothing is ever taken back."""
    answer = await holding_findings.take_step(context, actor, finding, step, data, now, key_of(key))
    return shape(answers.FindingTaken, answer)
