"""Whether a flow holds together: every state reached and left, every step told apart, explained and written down."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from workflows.events import Act
from workflows.flow import Flow, Step
from workflows.guards import SELECTORS
from workflows.linting import OVER, Finding, reachable


def every_state_is_reached(flow: Flow) -> Iterator[Finding]:
    """A state that no step leads to is a mistake."""
    reached = reachable(flow, {flow.initial})
    for state in flow.states.values():
        if state.name not in reached:
            yield Finding(flow.places[state.name], "unreachable", f"no step leads to {state.name}", "流程完整性")


def every_state_ends(flow: Flow) -> Iterator[Finding]:
    """No applicant may be left in a state without a way out."""
    for state in flow.states.values():
        ends = [name for name in reachable(flow, {state.name}) if flow.states[name].kind in OVER]
        if not ends:
            yield Finding(flow.places[state.name], "dead_end", f"{state.name} never ends", "行政许可法42")


def every_end_is_archived(flow: Flow) -> Iterator[Finding]:
    """What is over is archived (档案法; GB/T 42727-2023)."""
    for state in flow.states.values():
        archived = any(step.definition.action is Act.ARCHIVE for step in flow.steps_from(state.name))
        if state.kind == "terminal" and not archived:
            message = f"{state.name} is never archived"
            yield Finding(flow.places[state.name], "not_archived", message, "GB/T 42727-2023")


def every_step_cites_its_basis(flow: Flow) -> Iterator[Finding]:
    """A step without an article cannot be explained to an applicant."""
    for step in flow.steps:
        if not step.definition.basis.strip():
            yield Finding(step.where, "no_basis", f"{step.definition.action} cites no basis", "依法行政")


_LICENSING: Final = re.compile("(?<!参照)行政许可法")


def every_basis_is_of_this_law(flow: Flow) -> Iterator[Finding]:
    """The licensing law binds licensing; elsewhere it is at most followed by analogy (参照)."""
    if flow.law.startswith("行政许可法"):
        return
    cited = [(step.where, step.definition.action.value, step.definition.basis) for step in flow.steps]
    cited += [(flow.places[watch.rule], watch.rule, watch.basis) for watch in flow.watches]
    cited += [(f"{flow.filename}:1", f"limits.{kind}", limit.basis) for kind, limit in flow.limits.items()]
    cited += [(flow.places[s.name], s.name, s.stage_limit.basis) for s in flow.states.values() if s.stage_limit]
    for where, what, basis in cited:
        if _LICENSING.search(basis):
            message = f"{what} cites {basis}, and this flow is under {flow.law}: say it in words, or 参照"
            yield Finding(where, "foreign_law", message, "行政许可法2")


def words_are_used(flow: Flow) -> Iterator[Finding]:
    """A word for something that no part says any more hides a part that has changed."""
    for word in flow.words:
        if flow.source.count(word) == 1:
            yield Finding(f"{flow.filename}:1", "word_unused", f"no part says {word!r}", "流程完整性")


def steps_are_unambiguous(flow: Flow) -> Iterator[Finding]:
    """Two steps of one name from one state are told apart by selectors, and by different ones."""
    steps = [(source, step) for step in flow.steps for source in step.definition.sources]
    chosen = Counter((source, step.definition.action, _selectors(step)) for source, step in steps)
    named = Counter((source, step.definition.action) for source, step in steps)
    for source, step in steps:
        picks, action = _selectors(step), step.definition.action
        if named[source, action] > 1 and (not picks or chosen[source, action, picks] > 1):
            message = f"{action} from {source} stands twice without a selector of its own"
            yield Finding(step.where, "ambiguous", message, "流程完整性")


def _selectors(step: Step) -> frozenset[str]:
    return frozenset(name for name in step.definition.guards if name in SELECTORS)


def twins_ask_the_same(flow: Flow) -> Iterator[Finding]:
    """Steps of one name from one state differ in where they lead, not in who may take them or what is sent."""
    first: dict[tuple[str, Act], Step] = {}
    for step in flow.steps:
        for source in step.definition.sources:
            twin = first.setdefault((source, step.definition.action), step)
            same = set(twin.definition.by) == set(step.definition.by) and (
                twin.definition.payload == step.definition.payload
            )
            if not same:
                message = f"{step.definition.action} from {source} differs from its twin in by or payload"
                yield Finding(step.where, "twins_differ", message, "流程完整性")


NEEDED_FIELDS: Final[dict[Act, dict[str, str]]] = {
    Act.RECEIVE: {"materials": "material_counts"},
    Act.RETURN_PRE_REVIEW: {"gaps": "gaps"},
    Act.GIVE_NOTICE: {"lines": "defect_lines"},
    Act.SUPPLY: {"lines": "line_numbers"},
    Act.ESCALATE: {"reason": "text", "article": "short_text"},
    Act.REFUSE_ACCEPTANCE: {"reason": "text", "article": "short_text"},
    Act.CONFIRM_LAPSE: {"reason": "text"},
    Act.TELL_SPECIAL: {"kind": "code", "planned_start": "date", "planned_end": "date"},
    Act.START_SPECIAL: {"kind": "code"},
    Act.EXTEND: {"reason": "text"},
    Act.SUBMIT_REVIEW: {"opinion": "text", "proposal": "choice"},
    Act.ENDORSE: {"opinion": "text"},
    Act.SEND_BACK: {"reason": "text"},
    Act.GRANT: {"opinion": "text"},
    Act.DENY: {"reason": "text", "article": "short_text"},
    Act.WITHDRAW: {"reason": "text", "signed": "flag"},
    Act.TERMINATE: {"reason": "text"},
    Act.VOID: {"reason": "text"},
    Act.EXPLAIN_OVERDUE: {"explanation": "text"},
}
"""What an act writes into the file, so that a flow must ask for it."""


def acts_ask_for_what_they_write(flow: Flow) -> Iterator[Finding]:
    """An opinion, a reason, a recipient that belongs on the paper is asked for in its form, and required."""
    for step in flow.steps:
        definition = step.definition
        needed = NEEDED_FIELDS.get(definition.action, {})
        found = {name: spec.type for name, spec in definition.payload.items() if spec.required}
        missing = [f"{name} ({kind})" for name, kind in needed.items() if found.get(name) != kind]
        if missing:
            message = f"{definition.action} must require {', '.join(missing)}"
            yield Finding(step.where, "field_missing", message, "行政许可法38、44；审批表")
        if definition.action is Act.MAKE_CERTIFICATE and "D17" not in definition.documents:
            message = "make_certificate must issue D17, whose number the certificate carries"
            yield Finding(step.where, "field_missing", message, "行政许可法39")
