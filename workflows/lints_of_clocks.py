"""What a flow may do to legal time: start, stop, suspend, extend, and how it is watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workflows.actor import Role
from workflows.clock import ClockKind, Unit
from workflows.events import Act
from workflows.flow import SAME, Flow, Step
from workflows.linting import OVER, UNDECIDED, Finding, sources_of, target_of

HEADS: Final = frozenset({Role.authority_head, Role.government_head})
"""Who may approve an extension (行政许可法42)."""

OF_ITEM: Final = frozenset({ClockKind.notice, ClockKind.statutory, ClockKind.promise})
"""Clocks whose limit the item sets."""

OF_AUTHORITY: Final = (ClockKind.notice, ClockKind.statutory, ClockKind.promise, ClockKind.delivery)
"""Limits that the law or a public promise sets the authority: missing one is a red card."""

_LONGEST_NOTICE: Final = 5


def suspension_has_basis(flow: Flow) -> Iterator[Finding]:
    """Time is excluded only for the eight kinds of article 45 or on the item's own basis, and the applicant is told."""
    for step in flow.steps:
        definition = step.definition
        if definition.clocks.suspend and "special_kind_has_basis" not in definition.guards:
            message = f"{definition.action} suspends a clock without the guard special_kind_has_basis"
            yield Finding(step.where, "suspension_without_basis", message, "行政许可法45")
        if definition.clocks.suspend and "special_notice_served" not in definition.guards:
            message = f"{definition.action} suspends a clock before the applicant was served D09"
            yield Finding(step.where, "suspension_untold", message, "行政许可法45")


def suspended_time_resumes(flow: Flow) -> Iterator[Finding]:
    """What stands still must be able to run again from where the suspension led."""
    for step in flow.steps:
        for kind in step.definition.clocks.suspend:
            here = step.definition.sources if step.definition.to == SAME else [step.definition.to]
            ways = [after for state in here for after in flow.steps_from(state)]
            if not any(kind in after.definition.clocks.resume for after in ways):
                message = f"{step.definition.action} suspends the {kind} clock and nothing there resumes it"
                yield Finding(step.where, "suspension_endless", message, "行政许可法45")


def extension_is_the_heads(flow: Flow) -> Iterator[Finding]:
    """A limit is extended only by the heads that the law names, with its reason told in writing."""
    for step in flow.steps:
        definition = step.definition
        lawful = step.roles <= HEADS and not step.authorised_window
        guarded = "extension_by_right_approver" in definition.guards and "D10" in definition.documents
        if definition.clocks.extend and not (lawful and guarded):
            message = (
                f"{definition.action} extends a limit: only for heads, guarded by extension_by_right_approver, D10"
            )
            yield Finding(step.where, "extension_unlawful", message, "行政许可法42")


def limits_are_set_anew_openly(flow: Flow) -> Iterator[Finding]:
    """Only the authority's own promise may be set anew, and the applicant is given the reason."""
    for step in flow.steps:
        definition = step.definition
        asked = {name for name, spec in definition.payload.items() if spec.required}
        told = any(tell.to == "applicant" for tell in definition.notify)
        open_about_it = set(definition.clocks.amend) == {ClockKind.promise} and {"reason", "days"} <= asked and told
        if definition.clocks.amend and not open_about_it:
            message = f"{definition.action} sets a limit anew: only the promise, with days and reason, applicant told"
            yield Finding(step.where, "limit_edited", message, "优化营商环境条例36(2)")


def started_clocks_have_limits(flow: Flow) -> Iterator[Finding]:
    """A clock that is started must know when it ends: by the item, the state's stage, or the flow's limits."""
    for step in flow.steps:
        for kind in step.definition.clocks.start:
            planned = step.definition.action is Act.START_SPECIAL
            staged = kind is ClockKind.stage and (
                planned or all(flow.states[name].stage_limit for name in _started_in(step))
            )
            if kind not in OF_ITEM and not staged and kind not in flow.limits:
                message = f"{step.definition.action} starts the {kind} clock, which has no limit"
                yield Finding(step.where, "clock_without_limit", message, "优化营商环境条例36(1)")


def _started_in(step: Step) -> list[str]:
    return step.definition.sources if step.definition.to == SAME else [step.definition.to]


def notice_comes_in_time(flow: Flow) -> Iterator[Finding]:
    """No flow gives the authority more than five working days for the one-time notice."""
    limit = flow.limits.get(ClockKind.notice)
    if limit is not None and (limit.unit is not Unit.working_days or limit.n > _LONGEST_NOTICE):
        message = f"limits.notice gives {limit.n} {limit.unit}; the law gives {_LONGEST_NOTICE} working days at most"
        yield Finding(f"{flow.filename}:1", "notice_too_long", message, "行政许可法32(1)(4)")


def closing_stops_the_clocks(flow: Flow) -> Iterator[Finding]:
    """A decision ends the time for deciding, and the end of a case every limit: nothing runs in a closed case."""
    for step in flow.steps:
        target = target_of(flow, step)
        before = {state.kind for state in sources_of(flow, step)}
        decides = target is not None and target.kind == "decided" and before & UNDECIDED
        ends = target is not None and target.kind in OVER and before - OVER
        if (decides or ends) and not step.definition.clocks.stop_all:
            message = f"{step.definition.action} leaves clocks running: write stop_all = true"
            yield Finding(step.where, "clock_left_running", message, "行政许可法42、44")


def timers_are_the_systems(flow: Flow) -> Iterator[Finding]:
    """A step that time takes is taken by nobody else, and its clock is one that runs."""
    started = {kind for step in flow.steps for kind in step.definition.clocks.start}
    for step in flow.steps:
        timer, alone = step.definition.timer, step.roles == {Role.system}
        if timer is not None and not (alone and timer.clock in started):
            message = f"{step.definition.action} has a timer: it is for system alone, on a clock that some step starts"
            yield Finding(step.where, "timer_wrong", message, "流程完整性")


def every_clock_is_watched(flow: Flow) -> Iterator[Finding]:
    """When a limit passes, somebody learns of it, wherever the case then is."""
    for step in flow.steps:
        for kind in step.definition.clocks.start:
            ends = [w for w in flow.watches if w.clock is kind and w.before is None and w.share is None]
            watched = kind is not ClockKind.stage and bool(ends)
            if not watched and not all(any(_covers(w.states, s) for w in ends) for s in _started_in(step)):
                message = f"{step.definition.action} starts the {kind} clock and no watch sees it end"
                yield Finding(step.where, "clock_unwatched", message, "优化营商环境条例36")


def _covers(states: list[str], name: str) -> bool:
    return not states or name in states


def missed_limits_are_red(flow: Flow) -> Iterator[Finding]:
    """A limit of the law or of a promise that was missed leaves a red card and, for a decision, a public word."""
    started = {kind for step in flow.steps for kind in step.definition.clocks.start}
    for watch in flow.watches:
        at_its_end = watch.before is None and watch.share is None and watch.clock in started
        if at_its_end and watch.clock in OF_AUTHORITY and watch.level != "red":
            message = f"{watch.rule}: a missed {watch.clock} limit is a red card"
            yield Finding(flow.places[watch.rule], "overrun_not_red", message, "红牌规则；优化营商环境条例36")
        explained = watch.clock not in {ClockKind.statutory, ClockKind.promise} or watch.duty == "overdue_explanation"
        if at_its_end and not explained:
            message = f"{watch.rule}: an overrun of the {watch.clock} limit must be explained in public"
            yield Finding(flow.places[watch.rule], "overrun_unexplained", message, "优化营商环境条例36(2)")
