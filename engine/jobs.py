"""What workers do with outbox rows: a topic in, an operation out. Every row is done once, or again until it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import structlog

from engine import appointing, children, evidence, invariants, recounting
from engine.archive import archive_building, dossier_building
from engine.archive.archiving import PACKAGE
from engine.archive.dossier import DOSSIER
from engine.assessment import assessment_form
from engine.assessment.settling import RENDER as ASSESSMENT
from engine.capture import capturing, sorting
from engine.committing import CHILDREN, RENDER
from engine.context import Context
from engine.documents import drafting, slip_drafting
from engine.exports import export_building
from engine.exports.ordering import EXPORT
from engine.figures import report_making
from engine.figures.reporting import REPORT
from engine.issue import shipping, signed_slips
from engine.issue.issuing import INVITE
from engine.keeping import redrawing
from engine.later import Later
from engine.logs import reason_of
from engine.mandates import mandate_evidence
from engine.messages import notifying
from engine.moves import carrying_over
from engine.moves.planning_moves import MOVE
from engine.ratings import rating
from engine.ratings.rectifying import RECTIFY
from engine.webhooks import pushing
from storage import archive_packages, dossiers, exports, outbox, reports
from storage.db import reading
from workflows.errors import YichuangError

_LOG: Final = structlog.get_logger("jobs")
_LONGEST_WAIT: Final = timedelta(minutes=10)

Clock = Callable[[], datetime]
Job = Callable[[Context, dict[str, Any], Clock], Awaitable[None]]


async def _judge_scan(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await evidence.judge_scan(context, UUID(data["scan"]), clock)


async def _judge_paper(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await mandate_evidence.judge_paper(context, UUID(data["scan"]), clock)


async def _judge_signature(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await signed_slips.judge_signature(context, UUID(data["scan"]), clock)


async def _judge_batch_file(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await sorting.judge_file(context, UUID(data["scan"]), clock)


async def _make_package(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await archive_building.make_package(context, UUID(data["package"]), clock)


async def _bind_dossier(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await dossier_building.bind_dossier(context, UUID(data["dossier"]), clock)


async def _make_export(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await export_building.make_export(context, UUID(data["export"]), clock)


async def _make_report(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await report_making.make_report(context, UUID(data["report"]), clock)


async def _sort_batch(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await sorting.sort_batch(context, UUID(data["batch"]), clock())


async def _after_change(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await pushing.fan_out(data["case"], data["seq"], clock())
    await invariants.check_case(context, data["case"], clock())


async def _render_documents(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await drafting.render_documents(context, data["case"], clock)


async def _render_slip(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await slip_drafting.render_slip(context, UUID(data["slip"]), clock)


async def _render_assessment(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await assessment_form.render_form(context, UUID(data["assessment"]), clock)


async def _invite_rating(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await rating.invite(context, data["case"], clock())


async def _open_rectification(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await rating.open_rectification(context, data["case"], clock())


async def _recount(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await recounting.carry_out(context, UUID(data["recount"]), clock())


async def _move_cases(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await carrying_over.go_on(context, UUID(data["plan"]), clock())


async def _review_appointments(context: Context, data: dict[str, Any], clock: Clock) -> None:
    hall = UUID(data["hall"]) if data["hall"] else None
    until = date.fromisoformat(data["until"]) if data["until"] else None
    await appointing.review_appointments(context, hall, date.fromisoformat(data["since"]), until, clock())


async def _deliver_to_webhook(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await pushing.deliver(context, UUID(data["webhook"]), clock)


async def _send_message(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await notifying.send(context, UUID(data["notification"]), clock)


async def _order_from_courier(context: Context, data: dict[str, Any], clock: Clock) -> None:
    await shipping.carry_out_order(context, UUID(data["order"]), clock())


async def _redraw_views(context: Context, data: dict[str, Any], _: Clock) -> None:
    await redrawing.redraw(context, UUID(data["scan"]))


JOBS: Final[Mapping[str, Job]] = MappingProxyType(
    {
        CHILDREN: children.cancel_children,
        RENDER: _render_documents,
        slip_drafting.RENDER: _render_slip,
        ASSESSMENT: _render_assessment,
        evidence.JUDGE: _judge_scan,
        mandate_evidence.JUDGE: _judge_paper,
        signed_slips.JUDGE: _judge_signature,
        capturing.JUDGE: _judge_batch_file,
        capturing.SORT: _sort_batch,
        "case.changed": _after_change,
        recounting.RECOUNT: _recount,
        recounting.REVIEW: _review_appointments,
        MOVE: _move_cases,
        INVITE: _invite_rating,
        RECTIFY: _open_rectification,
        shipping.ORDER: _order_from_courier,
        redrawing.REDRAW: _redraw_views,
        PACKAGE: _make_package,
        DOSSIER: _bind_dossier,
        EXPORT: _make_export,
        REPORT: _make_report,
        pushing.DELIVER: _deliver_to_webhook,
        notifying.SEND: _send_message,
    }
)
"""Topics and what is done for them."""

GIVEN_UP: Final[Mapping[str, Callable[[dict[str, Any], str, datetime], Awaitable[None]]]] = MappingProxyType(
    {
        PACKAGE: lambda data, why, now: archive_packages.fail(UUID(data["package"]), why, now),
        DOSSIER: lambda data, why, now: dossiers.fail(UUID(data["dossier"]), why, now),
        EXPORT: lambda data, why, now: exports.fail(UUID(data["export"]), why, now),
        REPORT: lambda data, why, now: reports.fail(UUID(data["report"]), why, now),
    }
)
"""Topics that somebody waits for: what is noted once the last attempt has failed, so that it can be ordered again."""


async def run_row(context: Context, key: UUID, clock: Clock) -> bool:
    """Do one outbox row; False when there was nothing to do (done, dead, gone, or in other hands).

    A failure is counted and the row comes due again, later each time; after the last attempt it is dead. A job that
    asks for a later moment gets it, and nothing is counted.

    :param clock: says what time it is, UTC.
    """
    async with reading() as holder:
        row = await outbox.take(holder, key)
        if row is None:
            return False
        try:
            await JOBS[row["topic"]](context, row["data"], clock)
            await outbox.finish(holder, key, clock())
        except Later as wish:
            await outbox.postpone(holder, key, wish.due_at)
        except Exception as problem:  # every kind of failure is counted, none may stop the worker
            await _count_failure(context, row, problem, clock())
        finally:
            if not holder.is_closed():
                await outbox.release(holder, key)
    return True


async def _count_failure(context: Context, row: dict[str, Any], problem: Exception, now: datetime) -> None:
    attempts = row["attempts"] + 1
    last = attempts >= context.settings.outbox_attempts
    wait = min(timedelta(seconds=2**attempts), _LONGEST_WAIT)
    reason = reason_of(problem)
    _LOG.warning("job failed", topic=row["topic"], row=str(row["id"]), attempt=attempts, dead=last, reason=reason)
    await outbox.fail(row["id"], reason, None if last else now + wait)
    if last and row["topic"] in GIVEN_UP:
        said = f"{problem.zh} {problem.en}" if isinstance(problem, YichuangError) else reason
        await GIVEN_UP[row["topic"]](row["data"], said, now)
